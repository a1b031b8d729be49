#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""impostor.py ADDRESS udp|tcp|tls BEHAVIOUR [CERTIFICATE KEY] - a server that does not serve:
trying - answers every request with 100, and nothing more;
connect-reset - resets each connection when it is made, with TLS when the handshake begins;
request-reset - resets each connection when a request comes in;
stall - takes connections and never says anything."""

import socket
import ssl
import struct
import sys
import threading


def trying(request):
    """The 100 to a request, or None."""
    lines = request.split(b"\r\n\r\n")[0].split(b"\r\n")
    method = lines[0].split(b" ")[0]
    if method in (b"", b"ACK", b"SIP/2.0"):
        return None
    copied = [line for line in lines[1:] if line.split(b":")[0].strip().lower() in
              (b"via", b"from", b"to", b"call-id", b"cseq")]
    return b"\r\n".join([b"SIP/2.0 100 Trying", *copied, b"Content-Length: 0", b"", b""])


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def serve_datagrams(address):
    with socket.socket(family_of(address), socket.SOCK_DGRAM) as server:
        server.bind((address, 5060))
        print("listening", flush=True)
        while True:
            request, peer = server.recvfrom(65535)
            answer = trying(request)
            if answer:
                server.sendto(answer, peer)


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def split(stream):
    """The whole messages at its start, and what is left."""
    messages = []
    while b"\r\n\r\n" in stream:
        head, rest = stream.split(b"\r\n\r\n", 1)
        lengths = [line.split(b":")[1] for line in head.split(b"\r\n")
                   if line.lower().startswith(b"content-length:")]
        length = int(lengths[0]) if lengths else 0
        if len(rest) < length:
            break
        messages.append(head)
        stream = rest[length:]
    return messages, stream


def serve_stream(connection, context, behaviour):
    if behaviour == "connect-reset":
        if context:
            connection.recv(65535)
        reset(connection)
        return
    if context:
        connection = context.wrap_socket(connection, server_side=True)
    stream = b""
    while data := connection.recv(65535):
        if behaviour == "request-reset":
            reset(connection)
            return
        messages, stream = split(stream + data)
        for answer in filter(None, map(trying, messages)):
            connection.sendall(answer)


def serve_streams(address, context, behaviour):
    stalled = []
    with socket.socket(family_of(address), socket.SOCK_STREAM) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((address, 5060))
        server.listen()
        print("listening", flush=True)
        while True:
            connection, _ = server.accept()
            if behaviour == "stall":
                stalled.append(connection)
            else:
                threading.Thread(target=serve_stream, args=(connection, context, behaviour),
                                 daemon=True).start()


def main():
    address, transport, behaviour, *certificate = sys.argv[1:]
    if transport == "udp":
        serve_datagrams(address)
    context = None
    if transport == "tls":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
    serve_streams(address, context, behaviour)


if __name__ == "__main__":
    main()
