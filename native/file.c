/* The facts of an ELF file, as elf.py and elf_header.py read them: 64 bits, sound, and with names of usual length. */
#include "ordinary.h"

#include <elf.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096, START_BYTES = 2 * PAGE, MOST_SEGMENTS = 64, MOST_ENTRIES = 4096 };

static const uint64_t FAR = UINT64_C(1) << 56; /* no sound file reaches it, and sums of what lies below do not overflow */

typedef struct {
    int fd;
    uint64_t start_size, window_offset, window_size;
    unsigned char start[START_BYTES], window[START_BYTES];
    struct {
        uint64_t offset, address, size;
    } loaded[MOST_SEGMENTS];
    int loaded_count;
    uint64_t dynamic_address, dynamic_size, interpreter;
    bool is_dynamic, has_interpreter;
} Content;

/* The last entry of each kind that counts once. */
typedef struct {
    uint64_t value;
    bool is_there;
} Last;

static bool read_start(Tree *tree, Content *content, File *file) {
    struct stat status;
    if (fstat(content->fd, &status) || !S_ISREG(status.st_mode))
        return false;
    uint64_t identity[] = {0, status.st_dev, status.st_ino}; /* zero: no path begins so */
    file->identity = tree_text(tree, (const char *)identity, sizeof identity);
    ssize_t got = pread(content->fd, content->start, START_BYTES, 0);
    content->start_size = got > 0 ? (uint64_t)got : 0;
    return file->identity && got >= (ssize_t)sizeof(Elf64_Ehdr);
}

static bool is_sound(const Content *content, const Elf64_Ehdr *head) {
    static const unsigned char known[EI_OSABI] = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT};
    static const unsigned char nothing[EI_NIDENT - EI_ABIVERSION];
    unsigned char system = head->e_ident[EI_OSABI];
    return !memcmp(head->e_ident, known, sizeof known) && (system == ELFOSABI_SYSV || system == ELFOSABI_GNU) &&
           !memcmp(head->e_ident + EI_ABIVERSION, nothing, sizeof nothing) && head->e_version == EV_CURRENT &&
           (head->e_type == ET_EXEC || head->e_type == ET_DYN) && head->e_phentsize == sizeof(Elf64_Phdr) &&
           head->e_phoff <= content->start_size &&
           head->e_phnum <= (content->start_size - head->e_phoff) / sizeof(Elf64_Phdr);
}

static bool add_segment(Content *content, const Elf64_Phdr *segment) {
    if (segment->p_offset > FAR || segment->p_vaddr > FAR || segment->p_filesz > FAR)
        return false;
    if (segment->p_type == PT_LOAD) {
        int place = content->loaded_count++;
        if (place == MOST_SEGMENTS || (segment->p_vaddr - segment->p_offset) % PAGE)
            return false;
        content->loaded[place].offset = segment->p_offset;
        content->loaded[place].address = segment->p_vaddr;
        content->loaded[place].size = segment->p_filesz;
    } else if (segment->p_type == PT_DYNAMIC && segment->p_filesz) {
        content->is_dynamic = true;
        content->dynamic_address = segment->p_vaddr;
        content->dynamic_size = segment->p_filesz;
    } else if (segment->p_type == PT_INTERP && !content->has_interpreter) {
        content->has_interpreter = true;
        content->interpreter = segment->p_offset;
    }
    return true;
}

static bool read_head(Content *content, File *file) {
    Elf64_Ehdr head;
    memcpy(&head, content->start, sizeof head);
    if (!is_sound(content, &head))
        return false;
    for (size_t i = 0; i < head.e_phnum; i++) {
        Elf64_Phdr segment;
        memcpy(&segment, content->start + head.e_phoff + i * sizeof segment, sizeof segment);
        if (!add_segment(content, &segment))
            return false;
    }
    if (!content->loaded_count)
        return false;
    uint64_t first_end = content->loaded[0].address + content->loaded[0].size;
    uint64_t last = content->loaded[content->loaded_count - 1].address;
    file->machine = head.e_machine;
    file->is_program = head.e_type == ET_EXEC;
    file->is_dynamic = content->is_dynamic;
    file->ends_early = !file->is_program && content->loaded_count > 1 && last / PAGE < (first_end + PAGE - 1) / PAGE;
    return true;
}

/* Where in the file an address comes from, and how many bytes from there on: what is mapped last wins. */
static bool find_mapped(const Content *content, uint64_t address, uint64_t *offset, uint64_t *room) {
    uint64_t limit = UINT64_MAX;
    for (int i = content->loaded_count - 1; i >= 0; i--) {
        uint64_t start = content->loaded[i].address, end = start + content->loaded[i].size;
        if (start <= address && address < end) {
            *offset = content->loaded[i].offset + (address - start);
            *room = (limit < end ? limit : end) - address;
            return true;
        }
        if (start > address && start < limit)
            limit = start;
    }
    return false;
}

/* The text that begins at a place of some bytes of the file; NULL where it does not end in them. */
static Text *text_in(Tree *tree, const unsigned char *bytes, uint64_t size, uint64_t place) {
    const unsigned char *end = place < size ? memchr(bytes + place, 0, size - place) : NULL;
    return end ? tree_text(tree, (const char *)bytes + place, (size_t)(end - bytes - place)) : NULL;
}

/* The text at an offset: in the start of the file, in the window that was read last, or in a new one. */
static Text *read_text(Tree *tree, Content *content, uint64_t offset) {
    Text *text = text_in(tree, content->start, content->start_size, offset);
    if (!text)
        text = text_in(tree, content->window, content->window_size, offset - content->window_offset);
    if (!text && offset < FAR) {
        content->window_offset = offset - offset % PAGE;
        ssize_t got = pread(content->fd, content->window, START_BYTES, (off_t)content->window_offset);
        content->window_size = got > 0 ? (uint64_t)got : 0;
        text = text_in(tree, content->window, content->window_size, offset - content->window_offset);
    }
    return text && text->length < STRING_BYTES ? text : give_up(tree);
}

static Text *read_last(Tree *tree, Content *content, const Last *last, uint64_t strings, uint64_t room) {
    if (!last->is_there)
        return NULL;
    return last->value < room ? read_text(tree, content, strings + last->value) : give_up(tree);
}

static bool read_entries(Tree *tree, Content *content, File *file, const Elf64_Dyn *entries, size_t count) {
    Last strings = {0}, soname = {0}, rpath = {0}, runpath = {0};
    uint64_t offset = 0, room = 0, flags = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t value = entries[i].d_un.d_val;
        switch (entries[i].d_tag) {
        case DT_NEEDED: file->need_count++; break;
        case DT_STRTAB: strings = (Last){value, true}; break;
        case DT_SONAME: soname = (Last){value, true}; break;
        case DT_RPATH: rpath = (Last){value, true}; break;
        case DT_RUNPATH: runpath = (Last){value, true}; break;
        case DT_FLAGS_1: flags = value; break;
        case DT_FILTER:
        case DT_AUXILIARY: return false;
        }
    }
    file->is_pie = flags & DF_1_PIE;
    file->is_without_default = flags & DF_1_NODEFLIB;
    if (!file->need_count && !soname.is_there && !rpath.is_there && !runpath.is_there)
        return true;
    if (!strings.is_there || !find_mapped(content, strings.value, &offset, &room))
        return false;
    file->needs = store_take(&tree->store, (size_t)file->need_count * sizeof *file->needs);
    if (!file->needs)
        return false;
    for (size_t i = 0, place = 0; i < count; i++)
        if (entries[i].d_tag == DT_NEEDED)
            file->needs[place++] = read_last(tree, content, &(Last){entries[i].d_un.d_val, true}, offset, room);
    file->soname = read_last(tree, content, &soname, offset, room);
    file->runpath = read_last(tree, content, &runpath, offset, room);
    file->rpath = runpath.is_there ? NULL : read_last(tree, content, &rpath, offset, room);
    return !tree->given_up;
}

static bool read_dynamic(Tree *tree, Content *content, File *file) {
    Elf64_Dyn entries[MOST_ENTRIES];
    uint64_t offset, room;
    size_t size = content->dynamic_size / sizeof *entries < MOST_ENTRIES ? content->dynamic_size : sizeof entries;
    size -= size % sizeof *entries;
    if (!find_mapped(content, content->dynamic_address, &offset, &room))
        return false;
    if (pread(content->fd, entries, size, (off_t)offset) != (ssize_t)size)
        return false;
    for (size_t count = 0; count < size / sizeof *entries; count++)
        if (entries[count].d_tag == DT_NULL)
            return read_entries(tree, content, file, entries, count);
    return false;
}

static bool read_all(Tree *tree, Content *content, File *file) {
    if (!read_start(tree, content, file) || !read_head(content, file))
        return false;
    if (content->has_interpreter && !(file->interpreter = read_text(tree, content, content->interpreter)))
        return false;
    return !content->is_dynamic || read_dynamic(tree, content, file);
}

File *file_read(Tree *tree, Text *real) {
    if (real->file_known)
        return real->file ? real->file : give_up(tree);
    real->file_known = true;
    Content content; /* too large to be cleared whole: only what is read before it is written is */
    content.fd = tree_open(tree, real);
    if (content.fd < 0)
        return give_up(tree);
    content.window_offset = content.window_size = content.loaded_count = 0;
    content.is_dynamic = content.has_interpreter = false;
    File *file = store_take(&tree->store, sizeof *file);
    bool is_ordinary = file && read_all(tree, &content, file);
    close(content.fd);
    if (!is_ordinary)
        return give_up(tree);
    file->path = real;
    return real->file = file;
}
