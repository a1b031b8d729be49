/* SPDX-License-Identifier: MIT */
/* What an edit of a file keeps, by its format. */
#include "../core/sized.h"
#include "file.h"

static const struct failover_config_format formats[] = {
	[FO_FORMAT_NONE] = { .name = "", .note = "", .note_zh = "" },
	[FO_FORMAT_CONF] = { .name = "conf", .keeps_comments = 1 },
	[FO_FORMAT_YAML] = { .name = "yaml", .keeps_comments = 1 },
	[FO_FORMAT_VENDOR] = { .name = "vendor-text",
			       .keeps_comments = 1,
			       .note = "A phone's own file: it has the phone's keys only. Items "
				       "without a key there cannot be set, and lines cannot be "
				       "removed.",
			       .note_zh = "话机自己的配置文件：只有话机的配置项。没有对应项的设置"
					  "不能修改，线路也不能删除。" },
	[FO_FORMAT_XML] = { .name = "vendor-xml",
			    .keeps_comments = 1,
			    .note = "A phone's own file: it has the phone's elements only. Items "
				    "without an element there cannot be set, and lines cannot be "
				    "removed.",
			    .note_zh = "话机自己的配置文件：只有话机的元素。没有对应元素的设置"
				       "不能修改，线路也不能删除。" },
};

int failover_config_format(const char *file, struct failover_config_format *out)
{
	enum fo_format format = fo_file_format(file);
	struct failover_config_format own = formats[format];

	if (format == FO_FORMAT_NONE)
		return FAILOVER_ERR_ARGUMENT;
	own.size = sizeof(own);
	fo_sized_give(out, &own, sizeof(own), FO_SIZE_WITH(struct failover_config_format, note_zh));
	return FAILOVER_OK;
}
