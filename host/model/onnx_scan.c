#include "host/model/onnx_scan.h"

#include "host/base/status.h"

#include <onnx.pb-c.h>
#include <string.h>

/* Protocol buffers wire format: https://protobuf.dev/programming-guides/encoding */
enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_LENGTH = 2, WIRE_32 = 5, VARINT_MAX = 10 };

typedef struct level {
    const ProtobufCMessageDescriptor *type;
    size_t end;    /* offset behind the message */
    uint64_t seen; /* bit per field of the descriptor */
} level;

typedef struct scan {
    const uint8_t *bytes;
    size_t at;
    level levels[PH_ONNX_DEPTH];
    int depth; /* levels in use */
    const char *problem;
} scan;

static bool refuse(scan *s, const char *problem)
{
    s->problem = problem;
    return false;
}

static bool read_varint(scan *s, size_t end, uint64_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < VARINT_MAX; i++) {
        if (s->at == end)
            return refuse(s, "it ends in the middle of a number");
        const uint8_t byte = s->bytes[s->at++];
        *value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (!(byte & 0x80))
            return true;
    }
    return refuse(s, "a number is too long");
}

static bool skip(scan *s, size_t end, uint64_t length)
{
    if (length > end - s->at)
        return refuse(s, "it is cut off, or a length is wrong");
    s->at += (size_t)length;
    return true;
}

static bool enter(scan *s, const ProtobufCFieldDescriptor *field, size_t length)
{
    level *outer = &s->levels[s->depth - 1];
    const size_t index = (size_t)(field - outer->type->fields);
    const uint64_t bit = UINT64_C(1) << (index & 63);
    if (field->label != PROTOBUF_C_LABEL_REPEATED && (outer->seen & bit))
        return refuse(s, "a part that may stand once stands twice");
    outer->seen |= bit;
    if (s->depth == PH_ONNX_DEPTH)
        return refuse(s, "its parts are nested too deeply");
    s->levels[s->depth++] = (level){field->descriptor, s->at + length, 0};
    return true;
}

static bool read_delimited(scan *s, size_t end, const ProtobufCFieldDescriptor *field)
{
    uint64_t length;
    if (!read_varint(s, end, &length))
        return false;
    if (length > end - s->at)
        return refuse(s, "it is cut off, or a length is wrong");
    if (field && field->type == PROTOBUF_C_TYPE_MESSAGE)
        return enter(s, field, (size_t)length);
    if (field && field->type == PROTOBUF_C_TYPE_STRING && memchr(s->bytes + s->at, '\0', (size_t)length))
        return refuse(s, "a name holds a NUL character");
    return skip(s, end, length);
}

static bool read_field(scan *s)
{
    const level *current = &s->levels[s->depth - 1];
    uint64_t tag;
    if (!read_varint(s, current->end, &tag))
        return false;
    const uint64_t number = tag >> 3;
    if (number == 0 || number >= UINT64_C(1) << 29)
        return refuse(s, "a field number is out of range");
    uint64_t unused;
    switch (tag & 7) {
    case WIRE_VARINT:
        return read_varint(s, current->end, &unused);
    case WIRE_64:
        return skip(s, current->end, 8);
    case WIRE_32:
        return skip(s, current->end, 4);
    case WIRE_LENGTH:
        return read_delimited(s, current->end,
                              protobuf_c_message_descriptor_get_field(current->type, (unsigned)number));
    default:
        return refuse(s, "a field is of an unknown kind");
    }
}

ph_status ph_onnx_scan(const uint8_t *bytes, size_t size, const char *name, ph_error *err)
{
    scan s = {.bytes = bytes, .depth = 1};
    s.levels[0] = (level){&onnx__model_proto__descriptor, size, 0};
    while (s.depth > 0) {
        if (s.at == s.levels[s.depth - 1].end)
            s.depth--;
        else if (!read_field(&s))
            return ph_fail(err, PH_FORMAT, "'%.200s' is not a readable ONNX file: %s (near byte %zu of %zu)", name,
                           s.problem, s.at, size);
    }
    return PH_OK;
}
