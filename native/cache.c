/* Which path /etc/ld.so.cache gives for a name, as ldcache.py looks it up, in the new format. */
#include "ordinary.h"

#include <ctype.h>
#include <string.h>

enum { ENTRY_BYTES = 24, LEVEL_OF_NAMED = 1 << 30 };

static const uint64_t PLATFORM_BITS = UINT64_C(0xF) << 48;

typedef struct {
    uint32_t kind, key, value, system;
    uint64_t hwcap;
} Entry;

typedef struct {
    const unsigned char *bytes;
    size_t length;
} Span;

static Entry entry_at(const Cache *cache, size_t index) {
    Entry entry;
    memcpy(&entry, cache->data + cache->first + index * ENTRY_BYTES, sizeof entry);
    return entry;
}

static Span string_at(const Cache *cache, uint32_t offset) {
    size_t start = cache->strings + offset;
    if (start >= cache->size)
        return (Span){cache->data, 0};
    size_t room = cache->size - start;
    return (Span){cache->data + start, strnlen((const char *)cache->data + start, room < STRING_BYTES ? room : STRING_BYTES)};
}

static Span key_at(const Cache *cache, size_t index) {
    Span key = string_at(cache, entry_at(cache, index).key);
    key.length = key.length > NAME_BYTES + 1 ? NAME_BYTES + 1 : key.length;
    return key;
}

/* The run of digits at the beginning, without leading zeros; it is taken off. */
static Span take_number(Span *text) {
    size_t zeros = 0, length = 0;
    while (zeros < text->length && text->bytes[zeros] == '0')
        zeros++;
    while (zeros + length < text->length && isdigit(text->bytes[zeros + length]))
        length++;
    Span number = {text->bytes + zeros, length};
    *text = (Span){number.bytes + length, text->length - zeros - length};
    return number;
}

/* The order of the cache: runs of digits by their number, and after all other characters. */
static int compare(Span one, Span other) {
    while (one.length && other.length) {
        bool is_number = isdigit(*one.bytes);
        if (is_number != !!isdigit(*other.bytes))
            return is_number ? 1 : -1;
        if (is_number) {
            Span a = take_number(&one), b = take_number(&other);
            if (a.length != b.length)
                return a.length > b.length ? 1 : -1;
            int found = memcmp(a.bytes, b.bytes, a.length);
            if (found)
                return found;
        } else {
            if (*one.bytes != *other.bytes)
                return *one.bytes - *other.bytes;
            one = (Span){one.bytes + 1, one.length - 1};
            other = (Span){other.bytes + 1, other.length - 1};
        }
    }
    return (one.length > 0) - (other.length > 0);
}

/* The first entry of a name, found by halving as the loader does; the count where there is none. */
static size_t first_of(const Cache *cache, Span name) {
    size_t left = 0, right = cache->count; /* behind the last one */
    while (left < right) {
        size_t middle = (left + right - 1) / 2;
        int found = compare(name, key_at(cache, middle));
        if (found == 0) {
            while (middle && compare(name, key_at(cache, middle - 1)) == 0)
                middle--;
            return middle;
        }
        if (found < 0)
            left = middle + 1;
        else
            right = middle;
    }
    return cache->count;
}

bool cache_is_inside(const Cache *cache) {
    return cache->first <= cache->size && cache->count <= (cache->size - cache->first) / ENTRY_BYTES;
}

static bool takes(const Cache *cache, uint64_t hwcap) {
    uint64_t platform = hwcap & PLATFORM_BITS;
    return !(hwcap & ~(cache->legacy | PLATFORM_BITS)) && (!platform || platform == cache->platform);
}

static Answer answer_of(const Cache *cache, Entry entry, int level) {
    Span path = string_at(cache, entry.value);
    return (Answer){path.bytes, path.length, level};
}

Answer cache_look_up(const Cache *cache, const unsigned char *name, size_t length) {
    Answer best = {NULL, 0, -1};
    unsigned best_rank = UINT8_MAX;
    Span wanted = {name, length};
    for (size_t i = first_of(cache, wanted); i < cache->count && compare(wanted, key_at(cache, i)) == 0; i++) {
        Entry entry = entry_at(cache, i);
        bool is_named = entry.hwcap >> 32 == LEVEL_OF_NAMED;
        uint32_t level = (uint32_t)entry.hwcap;
        if (best_rank < UINT8_MAX && !is_named)
            break;
        if (entry.kind != cache->flag)
            continue;
        if (!is_named && takes(cache, entry.hwcap))
            return answer_of(cache, entry, -1);
        if (is_named && level < cache->rank_count && cache->ranks[level] < best_rank) {
            best_rank = cache->ranks[level];
            best = answer_of(cache, entry, (int)level);
        }
    }
    return best;
}
