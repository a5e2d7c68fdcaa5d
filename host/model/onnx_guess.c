#include "host/model/onnx_scan.h"

#include <ctype.h>
#include <string.h>

#define TORCH_ADVICE "export it with torch.onnx.export(model, torch.zeros(1, 3, 224, 224), 'model.onnx') in Python"
#define TF2ONNX "python -m tf2onnx.convert "

typedef struct mark {
    size_t offset, length;
    const char *bytes, *text;
} mark;

#define MARK(offset, bytes, text)                                                                                      \
    {                                                                                                                  \
        offset, sizeof(bytes) - 1, bytes, text                                                                         \
    }

static const mark marks[] = {
    MARK(0, "version https://git-lfs", "a git-LFS pointer, not the model itself: fetch it with git lfs pull"),
    MARK(0, "\x1f\x8b", "gzip-compressed: unpack it with gunzip first"),
    MARK(0, "BZh", "bzip2-compressed: unpack it first"),
    MARK(0,
         "\xfd"
         "7zXZ",
         "xz-compressed: unpack it first"),
    MARK(0, "(\xb5/\xfd", "zstd-compressed: unpack it first"),
    MARK(0, "\x89HDF\r\n",
         "an HDF5 file, probably a Keras model: convert it with " TF2ONNX "--keras FILE --output model.onnx"),
    MARK(0, "\x80\x02\x8a\x0al\xfc\x9c\x46\xf9", "a PyTorch checkpoint: " TORCH_ADVICE),
    MARK(4, "TFL3", "a TensorFlow Lite model: convert it with " TF2ONNX "--tflite FILE --output model.onnx"),
    MARK(0, "\x89PNG\r\n", "a PNG picture, not a model"),
    MARK(0, "\xff\xd8\xff", "a JPEG picture, not a model"),
    MARK(0, "MATLAB 5.0 MAT", "a MATLAB file: export the network with exportONNXNetwork in MATLAB"),
    MARK(0, "GGUF", "a GGUF language model, not an image network in ONNX format"),
    MARK(0, "\x93NUMPY", "a NumPy array, not a model"),
};

static const char *find(const uint8_t *bytes, size_t size, const char *what)
{
    const size_t length = strlen(what);
    for (size_t i = 0; i + length <= size; i++)
        if (memcmp(bytes + i, what, length) == 0)
            return (const char *)bytes + i;
    return NULL;
}

/* `what` in lower case */
static bool begins_with(const uint8_t *bytes, size_t size, const char *what)
{
    for (size_t i = 0; what[i]; i++)
        if (i == size || tolower(bytes[i]) != what[i])
            return false;
    return true;
}

static const char *guess_zip(const uint8_t *bytes, size_t size)
{
    const size_t head = size < 4096 ? size : 4096;
    if (find(bytes, head, "data.pkl") || find(bytes, head, "constants.pkl") || find(bytes, head, "/byteorder"))
        return "a PyTorch checkpoint: " TORCH_ADVICE;
    if (find(bytes, head, "metadata.json") || find(bytes, head, "config.json"))
        return "a zip archive, probably a Keras model: convert it with " TF2ONNX "--keras FILE --output model.onnx";
    return "a zip archive: unpack it, and give the .onnx file inside";
}

/* Eight bytes of header length, then JSON. */
static bool is_safetensors(const uint8_t *bytes, size_t size)
{
    return size > 16 && bytes[6] == 0 && bytes[7] == 0 && bytes[8] == '{' && bytes[9] == '"';
}

static bool is_text(const uint8_t *bytes, size_t size)
{
    const size_t head = size < 64 ? size : 64;
    bool letters = false;
    for (size_t i = 0; i < head; i++) {
        if (!isprint(bytes[i]) && !memchr("\t\r\n", bytes[i], 3))
            return false;
        letters |= isalpha(bytes[i]) != 0;
    }
    return letters;
}

static const char *guess_text(const uint8_t *bytes, size_t size)
{
    const size_t head = size < 4096 ? size : 4096;
    size_t start = 0;
    while (start < size && isspace(bytes[start]))
        start++;
    if (begins_with(bytes + start, size - start, "<!doctype html") || begins_with(bytes + start, size - start, "<html"))
        return "a web page, not a model: download the file itself";
    if (find(bytes, head, "layer {") || find(bytes, head, "layers {") || find(bytes, head, "layer{"))
        return "a Caffe network description without weights: convert it together with its .caffemodel to ONNX";
    return "a text file, not a model";
}

static const char *guess_tensorflow(const uint8_t *bytes, size_t size)
{
    const size_t head = size < 65536 ? size : 65536;
    if (size > 2 && bytes[0] == 0x0a && (find(bytes, head, "Placeholder") || find(bytes, head, "dtype")))
        return "a TensorFlow graph: convert it with " TF2ONNX "--graphdef FILE --inputs NAME:0 --outputs NAME:0 "
               "--output model.onnx";
    if (size > 3 && bytes[0] == 8 && bytes[1] == 1 && bytes[2] == 0x12 && find(bytes, head, "serve"))
        return "a TensorFlow SavedModel: convert its folder with " TF2ONNX "--saved-model FOLDER --output model.onnx";
    return NULL;
}

const char *ph_onnx_guess(const uint8_t *bytes, size_t size, bool certain)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (size >= marks[i].offset + marks[i].length &&
            memcmp(bytes + marks[i].offset, marks[i].bytes, marks[i].length) == 0)
            return marks[i].text;
    if (size > 4 && memcmp(bytes, "PK\3\4", 4) == 0)
        return guess_zip(bytes, size);
    if (is_safetensors(bytes, size))
        return "a safetensors file, weights without a network: load it into its PyTorch model and export that to ONNX";
    if (certain)
        return NULL;
    if (is_text(bytes, size))
        return guess_text(bytes, size);
    if (size > 2 && bytes[0] == 0x80 && bytes[1] >= 2 && bytes[1] <= 5)
        return "a Python pickle, perhaps a PyTorch checkpoint: " TORCH_ADVICE;
    return guess_tensorflow(bytes, size);
}
