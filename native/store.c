/* Texts, each kept once, and memory that is released all at once. */
#include "ordinary.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 1 << 16, FIRST_BUCKETS = 1 << 10 };

struct Block {
    Block *next;
    max_align_t memory[];
};

void *store_take(Store *store, size_t size) {
    size = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (size > store->left) {
        size_t room = size > BLOCK_BYTES ? size : BLOCK_BYTES;
        Block *block = malloc(sizeof *block + room);
        if (!block)
            return NULL;
        block->next = store->blocks;
        store->blocks = block;
        store->left = room;
    }
    store->left -= size;
    return memset((char *)store->blocks->memory + store->left, 0, size);
}

static uint64_t hash_of(const char *bytes, size_t length) { /* FNV-1a */
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3;
    return hash;
}

static bool grow(Store *store) {
    size_t count = store->bucket_count ? store->bucket_count * 4 : FIRST_BUCKETS;
    Text **buckets = calloc(count, sizeof *buckets);
    if (!buckets)
        return false;
    for (size_t i = 0; i < store->bucket_count; i++)
        for (Text *text = store->buckets[i], *next; text; text = next) {
            next = text->next;
            text->next = buckets[text->hash % count];
            buckets[text->hash % count] = text;
        }
    free(store->buckets);
    store->buckets = buckets;
    store->bucket_count = count;
    return true;
}

Text *store_text(Store *store, const char *bytes, size_t length) {
    uint64_t hash = hash_of(bytes, length);
    if (store->text_count >= store->bucket_count && !grow(store))
        return NULL;
    Text **bucket = &store->buckets[hash % store->bucket_count];
    for (Text *text = *bucket; text; text = text->next)
        if (text->hash == hash && text->length == length && !memcmp(text->bytes, bytes, length))
            return text;
    Text *text = store_take(store, sizeof *text + length + 1);
    if (!text)
        return NULL;
    text->hash = hash;
    text->length = (uint32_t)length;
    memcpy(text->bytes, bytes, length);
    text->next = *bucket;
    *bucket = text;
    store->text_count++;
    return text;
}

PyObject *text_object(Text *text) {
    if (!text->object)
        text->object = PyUnicode_DecodeFSDefaultAndSize(text->bytes, text->length);
    return text->object;
}

void store_release(Store *store) {
    for (size_t i = 0; i < store->bucket_count; i++)
        for (Text *text = store->buckets[i]; text; text = text->next)
            Py_CLEAR(text->object);
    for (Block *block = store->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free(store->buckets);
    *store = (Store){0};
}
