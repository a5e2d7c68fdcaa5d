/* First look at the bytes of an ONNX file, before the generated reader sees them: that reader recurses without limit,
 * merges repeated submessages in quadratic time and cuts strings at a NUL. */
#ifndef PH_MODEL_ONNX_SCAN_H
#define PH_MODEL_ONNX_SCAN_H

#include "phosphene.h"

enum { PH_ONNX_DEPTH = 64 }; /* messages within messages; real files stay below 20 */

/* Walks all tags and lengths. PH_FORMAT: a length beyond the enclosing message, a malformed number, a group, nesting
 * deeper than PH_ONNX_DEPTH, a single submessage given twice, a NUL inside a string. `name` is used in messages. */
ph_status ph_onnx_scan(const uint8_t *bytes, size_t size, const char *name, ph_error *err);

/* What a file that is no ONNX model seems to be and what to do about it ("a git-LFS pointer, not the model: …"), or
 * NULL. `certain`: go by unmistakable marks alone; otherwise guess, knowing that it could not be read. */
const char *ph_onnx_guess(const uint8_t *bytes, size_t size, bool certain);

#endif
