/* What Python sees: `Files` of one root, and `Engine`, one loader in it (compiled.py). */
#include "ordinary.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    PyObject_HEAD
    Tree tree;
} Files;

static PyObject *files_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(named)) {
    const char *top;
    Py_ssize_t length;
    if (!PyArg_ParseTuple(args, "y#", &top, &length))
        return NULL;
    Files *self = (Files *)PyType_GenericAlloc(type, 0);
    if (!self)
        return NULL;
    Tree *tree = &self->tree;
    tree->root = store_text(&tree->store, "", 0);
    tree->top = store_take(&tree->store, (size_t)length + 1);
    if (!tree->root || !tree->top) {
        Py_DECREF(self);
        return PyErr_NoMemory();
    }
    memcpy(tree->top, top, (size_t)length);
    tree->top_length = (size_t)length;
    return (PyObject *)self;
}

static void files_dealloc(PyObject *self) {
    PyTypeObject *type = Py_TYPE(self);
    store_release(&((Files *)self)->tree.store);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(self);
    Py_DECREF(type);
}

/* A file that was named; NULL when it is not ordinary. */
static File *file_at(Tree *tree, const char *path, Py_ssize_t length) {
    if (tree->is_busy || memchr(path, 0, (size_t)length))
        return NULL;
    tree->given_up = false;
    Text *real = tree_resolve(tree, path, (size_t)length);
    return real ? file_read(tree, real) : NULL;
}

static bool needs_musl(const File *file) {
    static const char named[] = "libc.so", begun[] = "libc.musl-";
    for (int i = 0; i < file->need_count; i++)
        if (!strcmp(file->needs[i]->bytes, named) || !strncmp(file->needs[i]->bytes, begun, sizeof begun - 1))
            return true;
    return false;
}

static PyObject *files_head(PyObject *self, PyObject *path) {
    char *bytes;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(path, &bytes, &length))
        return NULL;
    File *file = file_at(&((Files *)self)->tree, bytes, length);
    if (!file || !file->need_count || needs_musl(file))
        return Py_NewRef(Py_None);
    PyObject *real = text_object(file->path);
    PyObject *interpreter = file->interpreter ? text_object(file->interpreter) : Py_None;
    return real && interpreter ? Py_BuildValue("OiO", real, (int)file->machine, interpreter) : NULL;
}

static PyMethodDef files_methods[] = {
    {"head", files_head, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot files_slots[] = {
    {Py_tp_new, files_new},
    {Py_tp_dealloc, files_dealloc},
    {Py_tp_methods, files_methods},
    {0, NULL},
};

static PyType_Spec files_spec = {"pytest_vessel.libraries._ordinary.Files", sizeof(Files), 0, Py_TPFLAGS_DEFAULT, files_slots};

static PyTypeObject *files_type;

/* The arguments, in the order of the class in _ordinary.pyi: all is borrowed from them, and the engine keeps them. */
static bool take_arguments(Engine *self, PyObject *arguments) {
    Cache *cache = &self->cache;
    Files *files;
    const char *loader, *data, *ranks;
    Py_ssize_t loader_size, data_size, rank_count, first, count, strings;
    unsigned long long legacy, platform;
    int is_always_listed;
    if (!PyArg_ParseTuple(arguments, "O!y#Oy#(nnnIKK)y#O!O!O!p(OOO)", files_type, &files, &loader, &loader_size,
                          &self->loader.rule, &data, &data_size, &first, &count, &strings, &cache->flag, &legacy, &platform,
                          &ranks, &rank_count, &PyTuple_Type, &self->levels, &PyTuple_Type, &self->folders, &PyTuple_Type,
                          &self->subfolders, &is_always_listed, &self->loaded, &self->missing, &self->rule))
        return false;
    cache->data = (const unsigned char *)data;
    cache->ranks = (const unsigned char *)ranks;
    cache->size = (size_t)data_size, cache->rank_count = (size_t)rank_count;
    cache->first = (size_t)first, cache->count = (size_t)count, cache->strings = (size_t)strings;
    cache->legacy = legacy, cache->platform = platform;
    self->is_always_listed = is_always_listed;
    self->tree = &files->tree;
    self->loader.path = store_text(&self->tree->store, loader, (size_t)loader_size);
    self->loader.file = self->loader.path ? file_at(self->tree, loader, loader_size) : NULL;
    if (!self->loader.file || self->loader.file->need_count || !cache_is_inside(cache) ||
        PyTuple_Size(self->levels) != rank_count + 1)
        PyErr_SetString(PyExc_ValueError, "the loader or the cache is not ordinary");
    return !PyErr_Occurred();
}

static PyObject *engine_new(PyTypeObject *type, PyObject *arguments, PyObject *Py_UNUSED(named)) {
    Engine *self = (Engine *)PyType_GenericAlloc(type, 0);
    if (!self)
        return NULL;
    static uint64_t numbers;
    self->number = ++numbers;
    self->arguments = Py_NewRef(arguments);
    self->rules = PyList_New(0);
    if (!self->rules || !take_arguments(self, arguments))
        Py_CLEAR(self);
    return (PyObject *)self;
}

static void engine_dealloc(PyObject *object) {
    PyTypeObject *type = Py_TYPE(object);
    Engine *self = (Engine *)object;
    free(self->nodes);
    free(self->edges);
    Py_XDECREF(self->rules);
    Py_XDECREF(self->arguments);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

static PyObject *engine_closure_of(PyObject *self, PyObject *path) {
    char *bytes;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(path, &bytes, &length))
        return NULL;
    Tree *tree = ((Engine *)self)->tree;
    File *main = file_at(tree, bytes, length);
    if (!main)
        return Py_NewRef(Py_None);
    tree->is_busy = true;
    PyObject *facts = engine_closure((Engine *)self, main);
    tree->is_busy = false;
    return facts;
}

static PyMethodDef engine_methods[] = {
    {"closure", engine_closure_of, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot engine_slots[] = {
    {Py_tp_new, engine_new},
    {Py_tp_dealloc, engine_dealloc},
    {Py_tp_methods, engine_methods},
    {0, NULL},
};

static PyType_Spec engine_spec = {"pytest_vessel.libraries._ordinary.Engine", sizeof(Engine), 0, Py_TPFLAGS_DEFAULT, engine_slots};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_ordinary", NULL, -1, NULL, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__ordinary(void) {
    PyObject *module = PyModule_Create(&definition);
    PyObject *files = PyType_FromSpec(&files_spec), *engine = PyType_FromSpec(&engine_spec);
    if (!module || !files || !engine || PyModule_AddObjectRef(module, "Files", files) ||
        PyModule_AddObjectRef(module, "Engine", engine))
        Py_CLEAR(module);
    files_type = (PyTypeObject *)files; /* as long as the process */
    Py_XDECREF(engine);
    return module;
}
