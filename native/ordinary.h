/* Closures of ordinary files: the rules of the modules beside this folder, where these are short.
 *
 * What is not ordinary is given up: `given_up` is set, and the caller asks those modules, which know every rule and word
 * every error. So nothing here explains, and nothing here is believed of a file: each offset is checked.
 */
#ifndef ORDINARY_H
#define ORDINARY_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "little-endian machines only; elsewhere the modules in Python do all"
#endif

enum { PATH_BYTES = 8192, NAME_BYTES = 255, STRING_BYTES = 4096, LOOKS_OF_AN_OBJECT = 20 };

/* Text: a string that is kept once, with what is known of it as a path, as a name and in the closure at hand. */

enum Kind { UNSEEN, NOTHING, LINK, FOLDER, REGULAR, OTHER };

typedef struct Text Text;
typedef struct File File;
typedef struct Hit Hit;
typedef struct Places Places;

struct Text {
    Text *next;
    PyObject *object; /* as a str, once it was asked for */
    uint64_t hash;
    Text *target; /* of a link */
    Text *folder; /* the folder that it leads to; NULL: none, or not asked for */
    File *file;
    Places *places; /* of a list of folders */
    uint64_t engine; /* which has found `places` or `usual`: addresses are used again, numbers are not */
    Hit *usual; /* of a name */
    uint64_t turn; /* the closure in which it is the name, or the identity, of `node` */
    int node;
    uint32_t length;
    enum Kind kind;
    bool folder_known, file_known;
    char bytes[];
};

/* Memory that lives as long as its owner. */

typedef struct Block Block;

typedef struct {
    Block *blocks;
    size_t left;
    Text **buckets;
    size_t bucket_count, text_count;
} Store;

void *store_take(Store *store, size_t size);
Text *store_text(Store *store, const char *bytes, size_t length);
void store_release(Store *store);
PyObject *text_object(Text *text); /* a borrowed reference; NULL with an exception */

/* Tree: paths inside a root, each looked at once. A function that returns NULL found nothing, or has given up. */

typedef struct {
    Store store;
    char *top;
    size_t top_length;
    Text *root; /* the empty text */
    bool given_up;
    bool is_busy; /* in another thread, which gave way when it made a fact: nothing here may change then */
} Tree;

void *give_up(Tree *tree);
Text *tree_text(Tree *tree, const char *bytes, size_t length);
Text *tree_folder(Tree *tree, Text *path);
Text *tree_walk(Tree *tree, Text *real, const char *path, size_t length);
Text *tree_resolve(Tree *tree, const char *path, size_t length);
int tree_open(Tree *tree, Text *real);

/* File: what a loader reads of an ELF file of 64 bits. */

struct File {
    Text *path, *identity, *interpreter, *soname, *rpath, *runpath;
    Text **needs;
    int need_count;
    uint16_t machine;
    bool is_program, is_dynamic, is_pie, is_without_default, ends_early;
};

File *file_read(Tree *tree, Text *real);

/* Cache: the entries of /etc/ld.so.cache, whose head was read before. */

typedef struct {
    const unsigned char *data;
    size_t size, first, count, strings;
    uint32_t flag;
    uint64_t legacy, platform;
    const unsigned char *ranks; /* of each subfolder; UINT8_MAX: not for this processor */
    size_t rank_count;
} Cache;

/* A path in the cache, NULL for none, and the index of its subfolder; -1 for a plain entry. */
typedef struct {
    const unsigned char *path;
    size_t length;
    int level;
} Answer;

bool cache_is_inside(const Cache *cache);
Answer cache_look_up(const Cache *cache, const unsigned char *name, size_t length);

/* Engine: one loader of glibc in one root. */

struct Hit {
    Text *path; /* by which it was found */
    File *file;
    PyObject *rule;
};

typedef struct {
    Text *name;
    Hit hit; /* without a file where nothing was found */
    int needer, rpath_owner; /* -1: none */
    int edge_count;
} Node;

typedef struct {
    int node, needer;
} Edge;

typedef struct {
    PyObject_HEAD
    uint64_t number;
    PyObject *arguments; /* own the tree, and all that is borrowed */
    Tree *tree;
    Cache cache;
    PyObject *levels;  /* of the cache: a tuple of str, the first one empty */
    PyObject *folders; /* a tuple of bytes, without a slash at the end */
    PyObject *subfolders; /* a tuple of str, the last one empty */
    PyObject *loaded, *missing, *rule; /* what makes the facts */
    PyObject *rules; /* a list of all that were made */
    Places *defaults;
    Hit loader;
    bool is_always_listed;
    Node *nodes;
    Edge *edges;
    int node_count, edge_count, node_room, edge_room, effort;
    int before_loader; /* the object behind which the loader is listed; -1: nowhere */
    uint64_t turn;
} Engine;

Hit engine_find(Engine *engine, Text *name, int needer);
bool engine_spend(Engine *engine, int looks);
PyObject *engine_closure(Engine *engine, File *main);

#endif
