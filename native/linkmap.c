/* The list of objects that the loader makes, as linkmap.py does where there are no filters: breadth first. */
#include "ordinary.h"

#include <stdlib.h>
#include <string.h>

enum { MAIN, LOADER, MOST_LOOKS = 100000 };

bool engine_spend(Engine *engine, int looks) {
    engine->effort += looks;
    return engine->effort <= MOST_LOOKS || give_up(engine->tree);
}

/* Room for one more; the address of an array that may have moved, NULL when memory is out. */
static void *room_for(void *array, int count, int *room, size_t size) {
    if (count < *room)
        return array;
    int more = *room ? *room * 2 : 64;
    void *moved = realloc(array, (size_t)more * size);
    if (moved)
        *room = more;
    return moved;
}

static void remember(Engine *engine, Text *text, int node) {
    if (text && text->turn != engine->turn) {
        text->turn = engine->turn;
        text->node = node;
    }
}

static int add_node(Engine *engine, Text *name, Hit hit, int needer) {
    int node = engine->node_count;
    Node *nodes = room_for(engine->nodes, node, &engine->node_room, sizeof *nodes);
    if (!nodes) {
        give_up(engine->tree);
        return -1;
    }
    engine->nodes = nodes;
    engine->node_count++;
    bool is_owner = hit.file && hit.file->rpath && hit.file->rpath->length;
    int inherited = needer >= 0 ? nodes[needer].rpath_owner : -1;
    nodes[node] = (Node){name, hit, needer, is_owner ? node : inherited, 0};
    return node;
}

static bool add_edge(Engine *engine, int node, int needer) {
    Edge *edges = room_for(engine->edges, engine->edge_count, &engine->edge_room, sizeof *edges);
    if (!edges)
        return give_up(engine->tree);
    engine->edges = edges;
    edges[engine->edge_count++] = (Edge){node, needer};
    engine->nodes[node].edge_count++;
    return true;
}

/* The object that a name stands for: one that is there, or a new one; -1 when it is given up. */
static int load(Engine *engine, Text *name, int needer) {
    if (name->turn == engine->turn)
        return name->node;
    Hit hit = engine_find(engine, name, needer);
    if (engine->tree->given_up)
        return -1;
    if (hit.file && hit.file->identity->turn == engine->turn) {
        remember(engine, name, hit.file->identity->node);
        return name->node;
    }
    int node = add_node(engine, name, hit, needer);
    if (node >= 0 && hit.file) {
        remember(engine, name, node);
        remember(engine, hit.file->soname, node);
        remember(engine, hit.file->identity, node);
    }
    return node;
}

static bool is_plain(const Text *name) {
    return name->length && name->length <= NAME_BYTES && !memchr(name->bytes, '/', name->length) &&
           !memchr(name->bytes, '$', name->length);
}

/* The object that the loader is listed behind: which was found last before anybody needed the loader. */
static int last_found(const Engine *engine) {
    int node = engine->node_count - 1;
    while (node == LOADER || !engine->nodes[node].hit.file)
        node--;
    return node;
}

static bool visit(Engine *engine, int needer) {
    const File *file = engine->nodes[needer].hit.file;
    if (!engine_spend(engine, file->need_count) || (file->need_count && file->is_without_default))
        return give_up(engine->tree);
    for (int i = 0; i < file->need_count; i++) {
        int node = is_plain(file->needs[i]) ? load(engine, file->needs[i], needer) : -1;
        if (node < 0 || !add_edge(engine, node, needer))
            return give_up(engine->tree);
        if (node == LOADER && engine->before_loader < 0)
            engine->before_loader = last_found(engine);
    }
    return true;
}

/* Who needs what: the edges, those of one object beside each other. */
static int *sorted_needers(const Engine *engine, int *begins) {
    int *needers = malloc(((size_t)engine->edge_count + 1) * sizeof *needers);
    begins[0] = 0;
    for (int node = 0; node < engine->node_count; node++)
        begins[node + 1] = begins[node] + engine->nodes[node].edge_count;
    for (int i = 0; needers && i < engine->edge_count; i++)
        needers[begins[engine->edges[i].node]++] = engine->edges[i].needer;
    for (int node = engine->node_count; node > 0; node--)
        begins[node] = begins[node - 1];
    begins[0] = 0;
    return needers;
}

/* The path of an object, borrowed. */
static PyObject *path_of(const Engine *engine, int node) {
    return text_object(engine->nodes[node].hit.path);
}

static PyObject *also_needed_by(const Engine *engine, const int *needers, int count) {
    PyObject *paths = PyTuple_New(count > 1 ? count - 1 : 0);
    for (int i = 1; paths && i < count; i++) {
        PyObject *path = path_of(engine, needers[i]);
        if (!path || PyTuple_SetItem(paths, i - 1, Py_NewRef(path)))
            Py_CLEAR(paths);
    }
    return paths;
}

/* A fact of found.py: Loaded or Missing. */
static PyObject *fact_of(const Engine *engine, int at, const int *needers, int count) {
    const Node *node = &engine->nodes[at];
    PyObject *name = text_object(node->name);
    PyObject *needer = count ? path_of(engine, needers[0]) : text_object(engine->tree->root);
    if (!name || !needer)
        return NULL;
    if (!node->hit.file)
        return PyObject_CallFunctionObjArgs(engine->missing, name, needer, NULL);
    PyObject *path = path_of(engine, at), *real = text_object(node->hit.file->path);
    PyObject *soname = node->hit.file->soname ? text_object(node->hit.file->soname) : Py_None;
    PyObject *others = also_needed_by(engine, needers, count), *fact = NULL;
    if (path && real && soname && others)
        fact = PyObject_CallFunctionObjArgs(engine->loaded, name, path, real, soname, needer, node->hit.rule, others, NULL);
    Py_XDECREF(others);
    return fact;
}

/* Put a fact at its place in the tuple; false with an exception. */
static bool put(const Engine *engine, PyObject *facts, int *place, int node, const int *begins, const int *needers) {
    PyObject *fact = fact_of(engine, node, needers + begins[node], begins[node + 1] - begins[node]);
    return fact && PyTuple_SetItem(facts, (*place)++, fact) == 0;
}

/* All but the program, in the order of the list; the loader only where it is listed. */
static PyObject *shown(const Engine *engine, const int *begins, const int *needers) {
    int place = 0, behind = engine->before_loader;
    PyObject *facts = PyTuple_New(engine->node_count - (behind < 0 ? 2 : 1));
    bool is_put = facts;
    for (int node = 0; is_put && node < engine->node_count; node++) {
        if (node != MAIN && node != LOADER)
            is_put = put(engine, facts, &place, node, begins, needers);
        if (is_put && node == behind)
            is_put = put(engine, facts, &place, LOADER, begins, needers);
    }
    if (!is_put)
        Py_CLEAR(facts);
    return facts;
}

static PyObject *all_facts(Engine *engine) {
    int *begins = malloc(((size_t)engine->node_count + 1) * sizeof *begins);
    int *needers = begins ? sorted_needers(engine, begins) : NULL;
    PyObject *facts = needers ? shown(engine, begins, needers) : PyErr_NoMemory();
    free(needers);
    free(begins);
    return facts;
}

static bool begin(Engine *engine, File *main) {
    static uint64_t turns;
    engine->turn = ++turns;
    engine->node_count = engine->edge_count = engine->effort = 0;
    engine->before_loader = -1;
    Hit hit = {main->path, main, NULL};
    if (add_node(engine, engine->tree->root, hit, -1) < 0 || add_node(engine, engine->loader.path, engine->loader, -1) < 0)
        return false;
    remember(engine, main->soname, MAIN);
    remember(engine, engine->loader.file->soname, LOADER);
    return true;
}

/* The facts; None where it is not ordinary. */
PyObject *engine_closure(Engine *engine, File *main) {
    bool is_whole = main->need_count && !main->ends_early && main->machine == engine->loader.file->machine && begin(engine, main);
    for (int node = 0; is_whole && node < engine->node_count; node++)
        is_whole = node == LOADER || !engine->nodes[node].hit.file || visit(engine, node);
    if (PyErr_Occurred())
        return NULL;
    if (!is_whole || engine->tree->given_up)
        return Py_NewRef(Py_None);
    if (engine->is_always_listed && engine->before_loader < 0)
        engine->before_loader = last_found(engine);
    return all_facts(engine);
}
