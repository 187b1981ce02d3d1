/* Paths inside a root, as rootfs.py resolves them: path_resolution(7), and no link leads out. */
#include "ordinary.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_LINKS = 40 };

void *give_up(Tree *tree) {
    tree->given_up = true;
    return NULL;
}

Text *tree_text(Tree *tree, const char *bytes, size_t length) {
    Text *text = store_text(&tree->store, bytes, length);
    return text ? text : give_up(tree);
}

static Text *join(Tree *tree, const Text *folder, const char *name, size_t length) {
    char path[PATH_BYTES];
    if (folder->length + 1 + length > sizeof path)
        return give_up(tree);
    memcpy(path, folder->bytes, folder->length);
    path[folder->length] = '/';
    memcpy(path + folder->length + 1, name, length);
    return tree_text(tree, path, folder->length + 1 + length);
}

static bool full_path(Tree *tree, const Text *path, char full[PATH_BYTES]) {
    if (tree->top_length + path->length >= PATH_BYTES)
        return give_up(tree);
    memcpy(full, tree->top, tree->top_length);
    memcpy(full + tree->top_length, path->bytes, path->length + 1);
    return true;
}

static enum Kind kind_of(mode_t mode) {
    return S_ISLNK(mode) ? LINK : S_ISDIR(mode) ? FOLDER : S_ISREG(mode) ? REGULAR : OTHER;
}

/* What is at a path: the kind is NOTHING where that is ENOENT; other errors are not ordinary. */
static enum Kind look_at(Tree *tree, Text *path) {
    char full[PATH_BYTES], target[PATH_BYTES];
    struct stat status;
    if (path->kind != UNSEEN || !full_path(tree, path, full))
        return path->kind;
    if (lstat(full, &status) == 0)
        path->kind = kind_of(status.st_mode);
    else if (errno == ENOENT)
        path->kind = NOTHING;
    else
        give_up(tree);
    if (path->kind == LINK) {
        ssize_t length = readlink(full, target, sizeof target);
        if (length <= 0 || length == sizeof target || !(path->target = tree_text(tree, target, (size_t)length))) {
            path->kind = UNSEEN;
            give_up(tree);
        }
    }
    return path->kind;
}

static Text *parent_of(Tree *tree, Text *path) {
    const char *slash = memrchr(path->bytes, '/', path->length);
    return slash ? tree_text(tree, path->bytes, (size_t)(slash - path->bytes)) : path;
}

/* Put the target of a link before what is left of a path; NULL when that is too long. */
static char *follow(char pending[PATH_BYTES], const Text *target, const char *rest) {
    size_t left = rest ? strlen(rest) + 1 : 0;
    if (target->length + left >= PATH_BYTES)
        return NULL;
    if (rest) {
        memmove(pending + target->length + 1, rest, left);
        pending[target->length] = '/';
        memcpy(pending, target->bytes, target->length);
    } else
        memcpy(pending, target->bytes, target->length + 1);
    return pending;
}

Text *tree_walk(Tree *tree, Text *real, const char *path, size_t length) {
    char pending[PATH_BYTES];
    if (length >= sizeof pending)
        return give_up(tree);
    memcpy(pending, path, length);
    pending[length] = '\0';
    int links = 0;
    for (char *part = pending, *rest; part && real; part = rest) {
        char *slash = strchr(part, '/');
        size_t size = slash ? (size_t)(slash - part) : strlen(part);
        rest = slash ? slash + 1 : NULL;
        if (size == 0 || (size == 1 && part[0] == '.'))
            continue;
        if (size == 2 && part[0] == '.' && part[1] == '.') {
            real = parent_of(tree, real);
            continue;
        }
        Text *next = join(tree, real, part, size);
        switch (next ? look_at(tree, next) : UNSEEN) {
        case UNSEEN:
        case NOTHING:
            return NULL;
        case LINK:
            if (++links > MOST_LINKS || !(rest = follow(pending, next->target, rest)))
                return give_up(tree);
            if (pending[0] == '/')
                real = tree->root;
            break;
        default:
            if (rest && next->kind != FOLDER)
                return give_up(tree); /* ENOTDIR */
            real = next;
        }
    }
    return real;
}

Text *tree_folder(Tree *tree, Text *path) {
    if (path->folder_known)
        return path->folder;
    Text *folder = tree_walk(tree, tree->root, path->bytes, path->length);
    if (tree->given_up)
        return NULL;
    if (folder && folder != tree->root && folder->kind != FOLDER)
        folder = NULL;
    path->folder_known = true;
    return path->folder = folder;
}

Text *tree_resolve(Tree *tree, const char *path, size_t length) {
    const char *slash = memrchr(path, '/', length);
    if (!slash || path[0] != '/')
        return give_up(tree);
    Text *named = tree_text(tree, path, (size_t)(slash - path));
    Text *folder = named ? tree_folder(tree, named) : NULL;
    return folder ? tree_walk(tree, folder, slash + 1, length - (size_t)(slash + 1 - path)) : NULL;
}

int tree_open(Tree *tree, Text *real) {
    char full[PATH_BYTES];
    if (look_at(tree, real) != REGULAR || !full_path(tree, real, full))
        return -1;
    return open(full, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}
