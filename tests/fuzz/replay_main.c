/* Runs a fuzz target over its kept corpus, without a fuzzer: FOLDER..., every file of each.
 *
 * An input lies in memory of exactly its size, so that a sanitizer sees a step beyond. A folder
 * without files fails: a test that tests nothing must not look green.
 *
 * SPDX-License-Identifier: Apache-2.0 */
#define _POSIX_C_SOURCE 200809L

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

/* Returns: the whole input was read. */
static int
read_exactly(int fd, uint8_t *data, size_t size)
{
    size_t have = 0;
    while (have < size) {
        ssize_t got = read(fd, data + have, size - have);
        if (got <= 0)
            return 0;
        have += (size_t)got;
    }
    return 1;
}

/* Returns: 1 when `name` is a file and was run, 0 when it is no file, -1 when it cannot be read. */
static int
replay_file(int folder, const char *name)
{
    struct stat status;
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int outcome = -1;
    uint8_t *data = NULL;
    if (fstat(fd, &status) != 0)
        goto out;
    if (!S_ISREG(status.st_mode)) {
        outcome = 0;
        goto out;
    }
    size_t size = (size_t)status.st_size;
    data = malloc(size == 0 ? 1 : size);
    if (data == NULL || !read_exactly(fd, data, size))
        goto out;
    LLVMFuzzerTestOneInput(data, size);
    outcome = 1;
out:
    free(data);
    close(fd);
    return outcome;
}

/* Returns: how many inputs ran; -1 when one could not be read. */
static int
replay_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return -1;
    int count = 0;
    for (struct dirent *entry = readdir(folder); entry != NULL && count >= 0;
         entry = readdir(folder)) {
        int outcome = replay_file(dirfd(folder), entry->d_name);
        if (outcome < 0)
            fprintf(stderr, "%s/%s: cannot be read\n", path, entry->d_name);
        count = outcome < 0 ? -1 : count + outcome;
    }
    closedir(folder);
    return count;
}

int
main(int argc, char **argv)
{
    int failed = argc < 2;
    for (int i = 1; i < argc; i++) {
        int count = replay_folder(argv[i]);
        printf("%s: %d inputs\n", argv[i], count);
        failed |= count <= 0;
    }
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
