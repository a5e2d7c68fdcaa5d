/* Frames to a video, by ffmpeg: a program of its own, called when a video is asked for. */
#ifndef PH_CLI_VIDEO_H
#define PH_CLI_VIDEO_H

#include "host/cli/talk.h"

/* Whether ffmpeg can be started; PH_UNSUPPORTED says how to get it. */
ph_status ph_cli_video_ready(ph_error *err);
/* Pipes PNG files through ffmpeg into a video whose kind follows from the ending of `path`. Written to a temporary name
 * beside it and renamed. What ffmpeg has to say goes to stderr. PH_IO, PH_UNSUPPORTED. */
ph_status ph_cli_video_write(const char *const *frames, size_t count, int fps, const char *path, ph_error *err);

#endif
