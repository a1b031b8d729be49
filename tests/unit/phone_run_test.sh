#!/bin/sh
# SPDX-License-Identifier: MIT
# phone_run_test.sh - failover-phone as a whole, on a stack without packets (phone_stack.c):
# commands, events, reload, end. TAP on standard output.
set -u

phone=${top_builddir:-.}/failover-phone
plugins=${top_builddir:-.}/tests/unit/.libs
dir=$(mktemp -d) || exit 1
pid=
conf=$dir/phone.conf
count=0

finish() {
	[ -z "$pid" ] || kill -KILL "$pid" 2>/dev/null
	rm -rf "$dir"
}
trap finish EXIT
trap "" PIPE

# report NAME RESULT: one TAP line; what the phone said goes with a failure.
report() {
	count=$((count + 1))
	if [ "$2" = 0 ]; then
		echo "ok $count - $1"
		return
	fi
	echo "not ok $count - $1"
	sed 's/^/# /' "$dir/out" "$dir/err" "$dir/events" 2>/dev/null
}

# line NUMBER PORT [MORE]: a line of a configuration file.
line() {
	echo "line $1 { user = \"100$1\" auth_password = \"hush-hush\""
	echo "server primary { address = \"127.0.0.1\" port = $2 } ${3-} }"
}

# start [OPTION...]: run the phone on $conf, commands through descriptor 3.
start() {
	rm -f "$dir/in" "$dir/events"
	mkfifo "$dir/in"
	"$phone" --stack phone_stack --plugin-dir "$plugins" --listen 127.0.0.1:0 \
		--events "$dir/events" "$@" "$conf" <"$dir/in" >"$dir/out" 2>"$dir/err" 3>&- &
	pid=$!
	exec 3>"$dir/in"
}

say() {
	echo "$*" >&3
}

# until_is_in FILE PATTERN: at most 30 s.
until_is_in() {
	tries=600
	until grep -q -e "$2" "$1" 2>/dev/null; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.05
	done
}

# seen COUNT PATTERN: wait until exactly so many events match, at most 30 s.
seen() {
	tries=600
	while [ $tries -gt 0 ]; do
		[ "$(grep -c -e "$2" "$dir/events" 2>/dev/null)" = "$1" ] && return 0
		sleep 0.05
		tries=$((tries - 1))
	done
	echo "# not $1 times: $2"
	return 1
}

# The phone's exit status; it has 30 s to end.
ended() {
	exec 3>&-
	tries=600
	while kill -0 "$pid" 2>/dev/null && [ $tries -gt 0 ]; do
		sleep 0.05
		tries=$((tries - 1))
	done
	[ $tries -gt 0 ] || kill -KILL "$pid"
	wait "$pid"
	status=$?
	pid=
	return $status
}

is() {
	[ "$1" = "$2" ] || echo "# '$1' is not '$2'"
	[ "$1" = "$2" ]
}

primary='"target":"127.0.0.1:5060;transport=udp"'

registers_every_enabled_line() {
	{ line 1 5060 && line 2 5060 "enable = false" && line 7 5062; } >"$conf"
	start
	seen 1 "\"line\":1,\"event\":\"registered\",$primary,\"expires\":3600}" &&
		seen 1 '"line":7,"event":"registered"' && seen 0 '"line":2,' && say quit && ended &&
		seen 1 '"line":1,"event":"unregistered","reason":"request"' &&
		seen 1 '"line":7,"event":"unregistered","reason":"request"'
}

call_and_hang_up() {
	line 1 5060 >"$conf"
	start
	seen 1 '"registered"' && say call sip:2 &&
		seen 1 "\"call\",\"state\":\"calling\",$primary,\"status\":0}" &&
		seen 1 "\"call\",\"state\":\"ringing\",$primary,\"status\":180}" &&
		seen 1 "\"call\",\"state\":\"up\",$primary,\"status\":200}" &&
		say hangup && seen 1 '"method":"BYE"'.*'"last":' &&
		seen 1 "\"call\",\"state\":\"ended\",$primary,\"status\":200}" && say quit && ended
}

# All that the line may have under way is under way, at a server that answers nothing any more.
B18_a_hang_up_waits_for_room_and_is_sent() {
	line 1 5060 'server backup { address = "127.0.0.1" port = 5062 }' >"$conf"
	start
	seen 1 '"registered"' && say call sip:die && seen 1 '"state":"up"' || return
	for _ in $(seq 28); do
		say options
	done
	seen 28 '"event":"attempt".*"method":"OPTIONS"' && say options &&
		until_is_in "$dir/err" 'options: a limit is reached' && say hangup &&
		seen 0 '"method":"BYE"' && seen 1 '"state":"ended"' &&
		seen 1 '"event":"attempt".*"method":"BYE".*:5062;' && say quit && ended
}

B6c_hang_up_before_the_answer() {
	line 1 5060 >"$conf"
	start
	seen 1 '"registered"' && say call sip:wait && seen 1 '"state":"ringing"' && say hangup &&
		seen 1 '"event":"given-up","request":[0-9]*,"method":"INVITE"' &&
		seen 1 "\"state\":\"ended\",$primary,\"status\":0}" && seen 0 '"method":"BYE"' &&
		say quit && ended
}

hangup_takes_the_newest_call() {
	line 1 5060 >"$conf"
	start
	seen 1 '"registered"' && say call sip:2 && seen 1 '"state":"up"' && say call sip:wait &&
		seen 2 '"state":"ringing"' && say hangup && seen 1 '"given-up"' &&
		seen 0 '"method":"BYE"' && say hangup && seen 2 '"method":"BYE"' &&
		seen 2 '"state":"ended"' && say quit && ended
}

incoming_rings_until_answered() {
	line 1 5060 >"$conf"
	start
	seen 1 '"registered"' && say call sip:ring &&
		seen 1 '"ringing","target":"192.0.2.9:5060;transport=udp","status":180}' &&
		seen 1 '"state":"up"' && say answer && seen 2 '"state":"up"' && say hangup &&
		seen 1 '"state":"ended"' && say quit && ended
}

incoming_is_refused_by_hangup() {
	line 1 5060 >"$conf"
	start
	seen 1 '"registered"' && say call sip:ring && seen 2 '"state":"ringing"' && say hangup &&
		seen 1 '"ended","target":"192.0.2.9:5060;transport=udp","status":486}' &&
		say quit && ended
}

what_callers_say_cannot_control_the_terminal() {
	line 1 5060 >"$conf"
	start
	seen 1 '"registered"' && say call sip:ring && seen 2 '"state":"ringing"' && say quit &&
		ended && grep -q 'call from "?\[2J" <sip:9@192.0.2.9>' "$dir/out"
}

incoming_is_answered_at_once_with_answer() {
	line 1 5060 >"$conf"
	start --answer
	seen 1 '"registered"' && say call sip:ring && seen 2 '"state":"up"' && say quit && ended &&
		seen 2 '"state":"ended"' && seen 1 '"unregistered"'
}

reload_applies_what_has_changed() {
	{ line 1 5060 && line 2 5060 && line 3 5060; } >"$conf"
	start
	seen 3 '"registered"' &&
		{ line 2 5060 && line 3 5061 && line 4 5060; } >"$conf" && say reload &&
		seen 1 '"line":1,"event":"unregistered","reason":"request"' &&
		seen 1 '"line":3,"event":"registered","target":"127.0.0.1:5061;' &&
		seen 1 '"line":4,"event":"registered"' && seen 1 '"line":2,"event":"registered"' &&
		say quit && ended && seen 5 '"unregistered"' # B24b: 3 leaves 5060 first
}

# many_lines MORE: a thousand lines, with this in the 500th.
many_lines() {
	for n in $(seq 1000); do
		[ "$n" = 500 ] && line "$n" 5060 "keepalive = off ${1-}" || line "$n" 5060 "keepalive = off"
	done
}

# More than start in one turn of the loop; and what has not changed sends nothing.
a_reload_that_changes_one_of_1000_lines_touches_one() {
	many_lines >"$conf"
	start
	seen 1000 '"registered"' && many_lines "failback_interval = 77" >"$conf" && say reload &&
		seen 1001 '"registered"' && seen 2 '"line":500,"event":"registered"' &&
		seen 1001 '"event":"attempt"' && say reload && say options 1 &&
		seen 1 '"event":"attempt".*"method":"OPTIONS"' && seen 1002 '"event":"attempt"' &&
		seen 0 '"unregistered"' && say quit && ended && seen 1000 '"unregistered"'
}

a_reload_while_the_lines_start_starts_the_others() {
	many_lines >"$conf"
	start
	say reload && say reload && seen 1000 '"registered"' && seen 1000 '"event":"attempt"' &&
		say quit && ended && seen 1000 '"unregistered"'
}

ends_while_the_lines_start() {
	many_lines >"$conf"
	start
	seen 1 '"line":1,"event":"registered"' && say quit && ended
}

# The third of three lines has the last third of the hour.
B14_first_registrations_wait_for_their_time() {
	{ echo "boot_spread = 3600" && line 1 5060 && line 2 5060 && line 3 5060; } >"$conf"
	start
	say status && until_is_in "$dir/out" "line 3" && seen 0 '"line":3,"event":"attempt"' &&
		say register 3 && seen 1 '"line":3,"event":"registered"' && say quit && ended &&
		seen 1 '"line":3,"event":"unregistered"'
}

B14_a_reload_ends_the_waiting_for_first_registrations() {
	{ echo "boot_spread = 3600" && line 1 5060 && line 2 5060 && line 3 5060; } >"$conf"
	start
	say reload && seen 1 '"line":1,"event":"registered"' && seen 1 '"line":2,"event":"registered"' &&
		seen 1 '"line":3,"event":"registered"' && seen 3 '"event":"attempt"' && say quit && ended
}

B14_all_lines_have_registered_when_the_time_is_over() {
	{ echo "boot_spread = 1" && many_lines; } >"$conf"
	start
	seen 1000 '"registered"' && seen 1000 '"event":"attempt"' && say quit && ended
}

backup='server backup { address = "127.0.0.1" port = 5061 }'

# The call's own server is dead, and the line lives at the backup.
B24b_quit_says_bye_where_the_line_lives() {
	line 1 5060 "$backup" >"$conf"
	start
	seen 1 '"registered"' && say call sip:die && seen 1 '"state":"up"' && say register &&
		seen 1 '"event":"moved"' && say quit && ended &&
		seen 1 '"event":"attempt".*"method":"BYE","target":"127.0.0.1:5061;' &&
		seen 1 '"state":"ended","target":"127.0.0.1:5061;transport=udp","status":200}'
}

B24b_a_reload_with_another_user_releases_the_old_binding() {
	line 1 5060 >"$conf"
	start
	seen 1 '"registered"' && say call sip:2 && seen 1 '"state":"up"' &&
		line 1 5060 | sed 's/1001/2002/' >"$conf" && say reload &&
		seen 1 '"unregistered","reason":"request"' && seen 2 '"registered"' &&
		is "$(grep -c "binding of 1001 is removed" "$dir/err")" 1 && seen 0 '"state":"ended"' &&
		say hangup && seen 1 '"state":"ended"' && say quit && ended &&
		is "$(grep -c "binding of 2002 is removed" "$dir/err")" 1
}

B24b_a_reload_with_other_servers_releases_the_old_binding() {
	line 1 5060 >"$conf"
	start
	seen 1 '"registered"' && line 1 5061 >"$conf" && say reload &&
		seen 1 '"registered","target":"127.0.0.1:5061;' &&
		is "$(grep -c "binding of 1001 is removed" "$dir/err")" 1 && say call sip:2 &&
		seen 1 '"state":"up","target":"127.0.0.1:5061;' && say quit && ended
}

# A server that is dead does not hold the new account up.
B24b_a_dead_server_delays_a_reload_for_a_moment() {
	line 1 5060 >"$conf"
	start
	seen 1 '"registered"' && say call sip:die && seen 1 '"state":"up"' &&
		line 1 5061 | sed 's/1001/2002/' >"$conf" && say reload && say reload &&
		seen 1 '"registered","target":"127.0.0.1:5061;' && say quit && ended
}

B24b_what_is_no_account_changes_without_a_release() {
	line 1 5060 >"$conf"
	start
	seen 1 '"registered"' && line 1 5060 'display_name = "x" keepalive_interval = 40' >"$conf" &&
		say reload && seen 2 '"registered"' && seen 0 '"unregistered"' && say quit && ended
}

B24e_ringing_calls_leave_room_for_the_users_own() {
	line 1 5060 >"$conf"
	start
	seen 1 '"registered"' && say call sip:ring12 && seen 9 '"state":"ringing"' &&
		say call sip:2 && seen 2 '"state":"up"' && say call sip:2 && seen 3 '"state":"up"' &&
		say quit && ended
}

reload_of_a_bad_file_leaves_all_as_it_is() {
	line 1 5060 >"$conf"
	start
	seen 1 '"registered"' && { line 1 5061 && line 1 5062; } >"$conf" && say reload &&
		say call sip:2 && seen 1 "\"state\":\"up\",$primary" && seen 1 '"registered"' &&
		grep -q "phone.conf:[0-9]" "$dir/err" && grep -q "stays as it was" "$dir/err" &&
		say quit && ended
}

ends_within_2_s_of_SIGTERM_with_a_dead_server() {
	{ line 1 5060 && line 2 60001; } >"$conf"
	start
	seen 1 '"registered"' && seen 1 '"line":2,"event":"attempt"' && kill -TERM "$pid" || return
	before=$(date +%s%N)
	ended || return
	[ $((($(date +%s%N) - before) / 1000000)) -lt 2300 ] && seen 1 '"line":1,"event":"unreg'
}

end_of_input_does_not_end_it() {
	line 1 5060 >"$conf"
	start
	exec 3>&-
	seen 1 '"registered"' && sleep 0.3 && kill -0 "$pid" && kill -INT "$pid"
	ended
}

wrong_commands_change_nothing() {
	line 1 5060 >"$conf"
	start
	long=$(printf '%0600d' 0)
	seen 1 '"registered"' && say "$long" && say nonsense && say call nobody && say hangup 9 &&
		say call sip:2 && seen 1 '"state":"up"' && grep -q "is no command" "$dir/err" &&
		grep -q "no such command" "$dir/err" && grep -q "no such line" "$dir/err" &&
		say quit && ended
}

events_on_standard_output_are_pure() {
	line 1 5060 >"$conf"
	start --events -
	until_is_in "$dir/out" '"registered"' && say status && say quit && ended && [ -s "$dir/out" ] && ! grep -v '^{.*}$' "$dir/out" &&
		grep -q 'line 1 is registered at 127.0.0.1:5060;transport=udp (primary), 3600 s' \
			"$dir/err"
}

passwords_are_never_shown() {
	line 1 5060 >"$conf"
	start
	seen 1 '"registered"' && say status && line 1 5061 >"$conf" && say reload &&
		seen 2 '"registered"' && echo 'line 1 { auth_password = "hush-hush" frob = 1 }' \
		>"$conf" && say reload && say quit && ended &&
		! grep hush "$dir/out" "$dir/err" "$dir/events"
}

# two_servers: the first answers nothing, so the second serves.
two_servers() {
	echo "line 1 { user = \"1001\" auth_password = \"hush-hush\" jitter = 0 keepalive = off"
	echo "signal_retry_counts = 1 t1 = 100 server primary { address = \"127.0.0.1\" port = 60001 }"
	echo "server backup { address = \"127.0.0.1\" port = 5061 } }"
}

B17c_a_person_pins_a_line_where_it_is() {
	two_servers >"$conf"
	start
	seen 1 '"registered","target":"127.0.0.1:5061' && say pin && say pin 1 && say probe &&
		seen 1 '"pinned","target":"127.0.0.1:5061;transport=udp"}' && say register &&
		seen 2 '"registered","target":"127.0.0.1:5061' && say status && say unpin &&
		seen 1 '"unpinned"' && say unpin && say quit && ended &&
		seen 1 '"attempt".*"target":"127.0.0.1:60001' &&
		grep -q 'line 1 stays at 127.0.0.1:5061;transport=udp (backup) until told' \
			"$dir/out" && grep -q 'pinned: it stays there until told' "$dir/out" &&
		grep -q '(primary) is dead: no-answer' "$dir/out" &&
		grep -q '(backup) is good' "$dir/out" &&
		grep -q 'failover-phone: line 1 is pinned' "$dir/err" &&
		grep -q 'no probe of line 1: it is pinned' "$dir/err" &&
		grep -q 'failover-phone: line 1 is not pinned' "$dir/err"
}

B17a_B17b_a_person_probes_and_goes_back() {
	two_servers >"$conf"
	start
	seen 1 '"registered","target":"127.0.0.1:5061' && say probe && say probe && say probe 7 &&
		seen 1 '"attempt".*"REGISTER","target":"127.0.0.1:60001.*"probe":true' &&
		say pin && seen 1 '"pinned"' && say failback && seen 1 '"unpinned"' &&
		seen 2 '"attempt".*"REGISTER","target":"127.0.0.1:60001.*"probe":false' &&
		seen 2 '"registered","target":"127.0.0.1:5061' && say quit && ended &&
		grep -q 'no probe of line 1: a probe is under way' "$dir/err" &&
		grep -q 'there is no such line' "$dir/err"
}

failback_of_a_line_at_its_first_server_is_refused() {
	line 1 5060 >"$conf"
	start
	seen 1 '"registered"' && say failback && say probe && say quit && ended &&
		seen 1 '"registered"' &&
		grep -q 'no failback of line 1: the most preferred server serves it' "$dir/err" &&
		grep -q 'no probe of line 1: the most preferred server serves it' "$dir/err"
}

# Two servers, the first of which answers nothing; MORE is of the line.
dead_then_good() {
	line 1 60001 "server backup { address = \"127.0.0.1\" port = 5062 } ${1-}" >"$conf"
}

quits() {
	say quit && ended
}

B37_after_a_restart_a_line_begins_where_it_was() {
	rm -f "$conf.state"
	dead_then_good 'start_at = last'
	start
	seen 1 '"registered".*:5062;' && quits && [ "$(stat -c %a "$conf.state")" = 600 ] || return
	start
	seen 1 '"registered".*:5062;' && seen 0 ':60001;' && seen 0 '"moved"' &&
		until_is_in "$dir/out" 'begins where it was, at 127.0.0.1:5062' && quits || return
	# Neither its place in the list, nor the line's password, says which target it was.
	line 1 5064 "server backup { address = \"127.0.0.1\" port = 60001 } start_at = last
		server third { address = \"127.0.0.1\" port = 5062 }" >"$conf"
	start
	seen 1 '"registered".*:5062;' && seen 0 ':5064;' && quits && ! grep -q hush "$conf.state"
}

B37_primary_is_where_a_line_begins_otherwise() {
	rm -f "$conf.state" "$dir/other.state"
	dead_then_good
	start
	seen 1 '"registered".*:5062;' && quits && [ ! -e "$conf.state" ] || return
	printf 'failover state 1\nline 1 127.0.0.1 127.0.0.1:5062;transport=udp\n' >"$dir/other.state"
	start --state-file "$dir/other.state"
	seen 1 '"attempt".*:60001;' && seen 0 ':5062;' && quits || return
	dead_then_good 'start_at = last' # a target that it does not have, of a registrar that it has not
	printf 'failover state 1\nline 1 127.0.0.2 127.0.0.1:5062;transport=udp\n\n' >"$dir/other.state"
	start --state-file "$dir/other.state"
	seen 1 '"attempt".*:60001;' && seen 0 ':5062;' &&
		until_is_in "$dir/err" 'some of it cannot be understood' && quits
}

B37_what_cannot_be_kept_is_said_once() {
	line 1 5060 'start_at = last' >"$conf"
	start --state-file /dev/null/state
	seen 1 '"registered"' && until_is_in "$dir/err" 'lines begin at the primary' && quits &&
		is "$(grep -c /dev/null/state "$dir/err")" 2 # it could not be read, either
}

B38_addresses_of_the_configuration_serve_where_the_DNS_has_none() {
	{
		echo 'static_dns = { "sip.invalid=127.0.0.1" }'
		echo 'line 1 { user = 1001 auth_password = x server primary { address = sip.invalid port = 5060 } }'
	} >"$conf"
	start
	seen 1 "\"line\":1,\"event\":\"registered\",$primary" &&
		seen 1 '"event":"dns","name":"sip.invalid","state":"from the configuration"' &&
		until_is_in "$dir/out" 'addresses from the configuration serve' && quits
}

# The server of both dies in a call of the first.
desk() {
	backup='server backup { address = "127.0.0.1" port = 5062 } keepalive = off'
	{ line 1 5060 "$backup group = 'desk 1'" && line 2 5060 "$backup group = '$1'"; } >"$conf"
	start
	seen 2 '"registered"' && say call sip:die 1 && seen 1 '"state":"up"' && say hangup 1 &&
		seen 1 '"line":1,"event":"moved"'
}

B39_lines_of_a_group_move_together() {
	desk 'desk 1' && seen 1 '"line":2,"event":"moved".*:5062;.*"failover"' && quits || return
	desk 'desk 2' && say status && quits && seen 0 '"line":2,"event":"moved"'
}

# status_says TEXT: at last.
status_says() {
	tries=300
	until say status && grep -q -e "$1" "$dir/out"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}

B32_a_line_returns_when_its_last_call_has_ended() {
	backup='server backup { address = "127.0.0.1" port = 5062 } keepalive = off'
	line 1 5060 "$backup failback_interval = 1 failback_when = idle" >"$conf"
	start
	seen 1 '"registered"' && say call sip:1002 && seen 1 '"state":"up"' &&
		say call sip:die && seen 2 '"state":"up"' && say hangup &&
		seen 1 '"moved".*"failover"' && status_says 'returns when no call is up' &&
		seen 0 '"probe":true' && say hangup && seen 1 '"attempt".*"probe":true' && quits
}

# exits STATUS ARGUMENT...
exits() {
	wanted=$1
	shift
	"$phone" "$@" </dev/null >"$dir/out" 2>"$dir/err"
	is $? "$wanted"
}

exit_statuses() {
	line 1 5060 >"$conf"
	echo "line 1 { frob = 1 }" >"$dir/bad.conf"
	exits 2 && exits 2 --nonsense "$conf" && exits 2 --web 127.0.0.1:0 "$conf" &&
		exits 2 --listen 127.0.0.1:70000 "$conf" && exits 2 "$dir/bad.conf" &&
		exits 2 "$dir/missing.conf" && exits 0 --help && exits 0 --version &&
		exits 1 --stack none --plugin-dir "$plugins" "$conf" &&
		exits 0 --stack phone_stack --plugin-dir "$plugins" --claims &&
		exits 1 --stack none --plugin-dir "$plugins" --claims &&
		exits 1 --stack phone_stack --plugin-dir "$plugins" --events /dev/null/x "$conf"
}

tests="registers_every_enabled_line call_and_hang_up B18_a_hang_up_waits_for_room_and_is_sent B6c_hang_up_before_the_answer
	hangup_takes_the_newest_call incoming_rings_until_answered incoming_is_refused_by_hangup
	what_callers_say_cannot_control_the_terminal
	incoming_is_answered_at_once_with_answer reload_applies_what_has_changed
	a_reload_that_changes_one_of_1000_lines_touches_one
	a_reload_while_the_lines_start_starts_the_others ends_while_the_lines_start
	B14_first_registrations_wait_for_their_time B14_a_reload_ends_the_waiting_for_first_registrations
	B14_all_lines_have_registered_when_the_time_is_over
	B24b_quit_says_bye_where_the_line_lives
	B24b_a_reload_with_another_user_releases_the_old_binding
	B24b_a_reload_with_other_servers_releases_the_old_binding
	B24b_a_dead_server_delays_a_reload_for_a_moment
	B24b_what_is_no_account_changes_without_a_release
	B24e_ringing_calls_leave_room_for_the_users_own
	reload_of_a_bad_file_leaves_all_as_it_is ends_within_2_s_of_SIGTERM_with_a_dead_server
	B17c_a_person_pins_a_line_where_it_is B17a_B17b_a_person_probes_and_goes_back
	B37_after_a_restart_a_line_begins_where_it_was B37_primary_is_where_a_line_begins_otherwise
	B37_what_cannot_be_kept_is_said_once
	B38_addresses_of_the_configuration_serve_where_the_DNS_has_none B39_lines_of_a_group_move_together
	B32_a_line_returns_when_its_last_call_has_ended
	failback_of_a_line_at_its_first_server_is_refused
	end_of_input_does_not_end_it wrong_commands_change_nothing
	events_on_standard_output_are_pure passwords_are_never_shown exit_statuses"

# shellcheck disable=SC2086 # a list of words
set -- $tests
echo "1..$#"
for name; do
	$name
	report "$name" $?
	if [ -n "$pid" ]; then
		kill -KILL "$pid" 2>/dev/null
		wait "$pid" 2>/dev/null
		pid=
	fi
done
