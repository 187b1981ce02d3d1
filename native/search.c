/* Where the loader finds a name, as search.py tells it: RPATH, RUNPATH, cache, default folders. */
#include "ordinary.h"

#include <ctype.h>
#include <string.h>

enum { MOST_PLACES = 64 };

typedef struct {
    Text *prefix, *folder;
    PyObject *rule;
} Place;

struct Places {
    int count;
    Place places[MOST_PLACES];
};

static const Hit NO_HIT;

/* Put something behind what is in a buffer. */
static bool append(Tree *tree, char buffer[PATH_BYTES], size_t *length, const char *bytes, size_t more) {
    if (more > PATH_BYTES - *length)
        return give_up(tree);
    memcpy(buffer + *length, bytes, more);
    *length += more;
    return true;
}

/* A rule at work, borrowed: the engine keeps it. */
static PyObject *rule_of(Engine *engine, const char *stage, Text *owner, PyObject *subfolder) {
    PyObject *name = text_object(owner);
    PyObject *rule = name ? PyObject_CallFunction(engine->rule, "sOO", stage, name, subfolder) : NULL;
    bool is_kept = rule && PyList_Append(engine->rules, rule) == 0;
    Py_XDECREF(rule);
    return is_kept ? rule : give_up(engine->tree);
}

/* A folder of a list, if it is there: what is put before a name, which ends with a slash. */
static bool add_place(Engine *engine, Places *places, Text *prefix, PyObject *subfolder, const char *stage, Text *owner) {
    Text *folder = prefix ? tree_folder(engine->tree, prefix) : NULL;
    if (!folder)
        return !engine->tree->given_up;
    if (places->count == MOST_PLACES)
        return give_up(engine->tree);
    Place *place = &places->places[places->count++];
    *place = (Place){prefix, folder, rule_of(engine, stage, owner, subfolder)};
    return place->rule;
}

/* The subfolders for the processor, and the folder itself. */
static bool add_folder(Engine *engine, Places *places, const char *folder, size_t size, const char *stage, Text *owner) {
    for (Py_ssize_t i = 0; i < PyTuple_Size(engine->subfolders); i++) {
        char path[PATH_BYTES];
        size_t length = 0;
        Py_ssize_t more;
        PyObject *subfolder = PyTuple_GetItem(engine->subfolders, i);
        const char *bytes = PyUnicode_AsUTF8AndSize(subfolder, &more);
        if (!bytes)
            return give_up(engine->tree);
        if (!append(engine->tree, path, &length, folder, size) || !append(engine->tree, path, &length, "/", 1) ||
            !append(engine->tree, path, &length, bytes, (size_t)more) ||
            (more && !append(engine->tree, path, &length, "/", 1)) ||
            !add_place(engine, places, tree_text(engine->tree, path, length), subfolder, stage, owner))
            return false;
    }
    return true;
}

/* `$ORIGIN` at the beginning of some text, or `${ORIGIN}`: how long it is; 0 for any other token. */
static size_t origin_length(const char *text, const char *end) {
    static const char open[] = "${ORIGIN}", plain[] = "$ORIGIN";
    size_t left = (size_t)(end - text);
    if (left >= sizeof open - 1 && !memcmp(text, open, sizeof open - 1))
        return sizeof open - 1;
    if (left < sizeof plain - 1 || memcmp(text, plain, sizeof plain - 1))
        return 0;
    unsigned char next = left > sizeof plain - 1 ? (unsigned char)text[sizeof plain - 1] : 0;
    return isalnum(next) || next == '_' ? 0 : sizeof plain - 1;
}

/* One element of a path list of an object. Relative ones, and other tokens, are not ordinary. */
static bool add_element(Engine *engine, Places *places, const char *text, const char *end, const char *stage, Text *owner) {
    char folder[PATH_BYTES];
    size_t length = 0;
    const char *slash = memrchr(owner->bytes, '/', owner->length);
    const char *origin = slash > owner->bytes ? owner->bytes : "/";
    size_t origin_size = slash > owner->bytes ? (size_t)(slash - owner->bytes) : 1;
    while (text < end) {
        size_t token = *text == '$' ? origin_length(text, end) : 0;
        if (*text == '$' && !token)
            return give_up(engine->tree);
        if (!append(engine->tree, folder, &length, token ? origin : text, token ? origin_size : 1))
            return false;
        text += token ? token : 1;
    }
    if (!length || folder[0] != '/')
        return give_up(engine->tree);
    while (length && folder[length - 1] == '/')
        length--;
    return add_folder(engine, places, folder, length, stage, owner);
}

/* The folders of the RPATH or RUNPATH of an object, which is known by its path. */
static Places *places_of(Engine *engine, Text *owner, Text *list, const char *stage) {
    char key[PATH_BYTES];
    size_t length = 0;
    Tree *tree = engine->tree;
    if (!append(tree, key, &length, stage, strlen(stage) + 1) || !append(tree, key, &length, owner->bytes, owner->length + 1) ||
        !append(tree, key, &length, list->bytes, list->length))
        return NULL;
    Text *known = tree_text(tree, key, length);
    if (!known || (known->engine == engine->number && known->places))
        return known ? known->places : NULL;
    Places *places = store_take(&tree->store, sizeof *places);
    if (!places)
        return give_up(tree);
    const char *end = list->bytes + list->length;
    for (const char *part = list->bytes; part <= end;) {
        const char *colon = memchr(part, ':', (size_t)(end - part));
        colon = colon ? colon : end;
        if (!add_element(engine, places, part, colon, stage, owner))
            return NULL;
        part = colon + 1;
    }
    known->engine = engine->number;
    return known->places = places;
}

static Places *defaults_of(Engine *engine) {
    if (engine->defaults)
        return engine->defaults;
    Places *places = store_take(&engine->tree->store, sizeof *places);
    if (!places)
        return give_up(engine->tree);
    for (Py_ssize_t i = 0; i < PyTuple_Size(engine->folders); i++) {
        char *folder;
        Py_ssize_t length;
        if (PyBytes_AsStringAndSize(PyTuple_GetItem(engine->folders, i), &folder, &length))
            return give_up(engine->tree);
        if (!add_folder(engine, places, folder, (size_t)length, "DEFAULT", engine->tree->root))
            return NULL;
    }
    return engine->defaults = places;
}

/* A library that was found; any other file is not ordinary. */
static Hit open_hit(Engine *engine, Text *path, Text *real, PyObject *rule) {
    File *file = path && rule ? file_read(engine->tree, real) : NULL;
    bool is_library = file && file->machine == engine->loader.file->machine && file->is_dynamic && !file->is_program &&
                      !file->is_pie && !file->ends_early;
    if (!is_library || !engine_spend(engine, LOOKS_OF_AN_OBJECT)) {
        give_up(engine->tree);
        return NO_HIT;
    }
    return (Hit){path, file, rule};
}

static Hit look_through(Engine *engine, const Places *places, const Text *name) {
    for (int i = 0; places && i < places->count && engine_spend(engine, 1); i++) {
        const Place *place = &places->places[i];
        Text *real = tree_walk(engine->tree, place->folder, name->bytes, name->length);
        char path[PATH_BYTES];
        size_t length = 0;
        if (engine->tree->given_up)
            break;
        if (real && append(engine->tree, path, &length, place->prefix->bytes, place->prefix->length) &&
            append(engine->tree, path, &length, name->bytes, name->length))
            return open_hit(engine, tree_text(engine->tree, path, length), real, place->rule);
    }
    return NO_HIT;
}

static Hit look_up(Engine *engine, const Text *name) {
    Tree *tree = engine->tree;
    Answer answer = cache_look_up(&engine->cache, (const unsigned char *)name->bytes, name->length);
    if (!answer.path)
        return NO_HIT;
    Text *path = tree_text(tree, (const char *)answer.path, answer.length);
    Text *real = path ? tree_resolve(tree, path->bytes, path->length) : NULL;
    if (!real)
        return NO_HIT;
    PyObject *level = PyTuple_GetItem(engine->levels, answer.level + 1);
    return open_hit(engine, path, real, level ? rule_of(engine, "CACHE", tree->root, level) : NULL);
}

/* What anybody finds who has no folders of its own. */
static Hit find_usual(Engine *engine, Text *name) {
    if (name->engine == engine->number && name->usual)
        return *name->usual;
    Hit hit = look_up(engine, name);
    if (!hit.file && !engine->tree->given_up)
        hit = look_through(engine, defaults_of(engine), name);
    Hit *kept = store_take(&engine->tree->store, sizeof *kept);
    if (!kept)
        give_up(engine->tree);
    if (engine->tree->given_up)
        return NO_HIT;
    *kept = hit;
    name->engine = engine->number;
    name->usual = kept;
    return hit;
}

Hit engine_find(Engine *engine, Text *name, int needer) {
    const Node *node = &engine->nodes[needer];
    const File *file = node->hit.file;
    Hit hit = NO_HIT;
    for (int at = file->runpath ? -1 : node->rpath_owner; at >= 0 && !hit.file && engine_spend(engine, 1);) {
        const Node *owner = &engine->nodes[at];
        hit = look_through(engine, places_of(engine, owner->hit.path, owner->hit.file->rpath, "RPATH"), name);
        if (engine->tree->given_up)
            return NO_HIT;
        at = owner->needer >= 0 ? engine->nodes[owner->needer].rpath_owner : -1;
    }
    if (file->runpath && file->runpath->length && !hit.file)
        hit = look_through(engine, places_of(engine, node->hit.path, file->runpath, "RUNPATH"), name);
    return hit.file || engine->tree->given_up ? hit : find_usual(engine, name);
}
