/* What the made-up driver plays: a text file, read again at every call, so that it may change while a program runs.
 *
 * It is the file that CX_FAKE_GPU names, otherwise the file beside the library with ".txt" after its name. A line each:
 *   driver 550.54.15          cuda 12040          init 9 (what nvmlInit answers)     gpus 8
 *   all KEY VALUE             for every GPU
 *   gpu 3 KEY VALUE           for one
 * Keys: name uuid pci device memory used temperature power limit utilisation ecc error mig links peers switch process xid,
 * and for CUDA: usable (bytes that can be taken) processors bandwidth (bytes/s) flops lie (1: wrong digest) overlap (1: memory lies over itself).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GPUS_MAX 16
#define LIST_MAX 128

struct fake_gpu {
    char name[96], uuid[96], pci[32];
    unsigned int device, temperature, power, limit, utilisation, links, through_switch, mig, error, xid, processors, lie, overlap;
    unsigned long long memory, used, ecc, usable, bandwidth, flops;
    unsigned int peers[GPUS_MAX], peer_count;
    unsigned int process_ids[LIST_MAX], process_count;
    unsigned long long process_memory[LIST_MAX];
};

struct fake_host {
    char driver[80];
    int cuda, init, gpu_count;
    struct fake_gpu gpus[GPUS_MAX];
};

static void fake_set(struct fake_gpu *gpu, const char *key, char *value)
{
    unsigned long long number = strtoull(value, NULL, 0);
    if (!strcmp(key, "name")) snprintf(gpu->name, sizeof gpu->name, "%s", value);
    else if (!strcmp(key, "uuid")) snprintf(gpu->uuid, sizeof gpu->uuid, "%s", value);
    else if (!strcmp(key, "pci")) snprintf(gpu->pci, sizeof gpu->pci, "%s", value);
    else if (!strcmp(key, "device")) gpu->device = (unsigned int)strtoul(value, NULL, 16);
    else if (!strcmp(key, "memory")) gpu->memory = number;
    else if (!strcmp(key, "used")) gpu->used = number;
    else if (!strcmp(key, "temperature")) gpu->temperature = (unsigned int)number;
    else if (!strcmp(key, "power")) gpu->power = (unsigned int)number;
    else if (!strcmp(key, "limit")) gpu->limit = (unsigned int)number;
    else if (!strcmp(key, "utilisation")) gpu->utilisation = (unsigned int)number;
    else if (!strcmp(key, "ecc")) gpu->ecc = number;
    else if (!strcmp(key, "error")) gpu->error = (unsigned int)number;
    else if (!strcmp(key, "mig")) gpu->mig = (unsigned int)number;
    else if (!strcmp(key, "links")) gpu->links = (unsigned int)number;
    else if (!strcmp(key, "switch")) gpu->through_switch = (unsigned int)number;
    else if (!strcmp(key, "xid")) gpu->xid = (unsigned int)number;
    else if (!strcmp(key, "usable")) gpu->usable = number;
    else if (!strcmp(key, "processors")) gpu->processors = (unsigned int)number;
    else if (!strcmp(key, "bandwidth")) gpu->bandwidth = number;
    else if (!strcmp(key, "flops")) gpu->flops = number;
    else if (!strcmp(key, "lie")) gpu->lie = (unsigned int)number;
    else if (!strcmp(key, "overlap")) gpu->overlap = (unsigned int)number;
    else if (!strcmp(key, "peers"))
        for (char *peer = strtok(value, ","); peer; peer = strtok(NULL, ",")) gpu->peers[gpu->peer_count++] = (unsigned int)atoi(peer);
    else if (!strcmp(key, "process") && gpu->process_count < LIST_MAX)
        sscanf(value, "%u %llu", &gpu->process_ids[gpu->process_count], &gpu->process_memory[gpu->process_count]), gpu->process_count++;
}

static void fake_read(struct fake_host *host)
{
    char path[4096], line[512];
    memset(host, 0, sizeof *host);
    const char *named = getenv("CX_FAKE_GPU");
    Dl_info self;
    if (named) snprintf(path, sizeof path, "%s", named);
    else if (dladdr((void *)fake_read, &self)) snprintf(path, sizeof path, "%s.txt", self.dli_fname);
    for (int i = 0; i < GPUS_MAX; i++) {
        struct fake_gpu *gpu = &host->gpus[i];
        snprintf(gpu->uuid, sizeof gpu->uuid, "GPU-00000000-0000-4000-8000-%012x", i + 1);
        snprintf(gpu->pci, sizeof gpu->pci, "00000000:%02X:00.0", 0x10 + i);
        gpu->processors = 2;
        gpu->bandwidth = 3000000000000ull;
        gpu->flops = 60000000000000ull;
    }
    FILE *file = fopen(path, "r");
    if (!file) return;
    while (fgets(line, sizeof line, file)) {
        char key[64], value[400] = "";
        int index, first = 0, last = GPUS_MAX - 1;
        line[strcspn(line, "\n")] = 0;
        if (sscanf(line, "driver %79s", host->driver) == 1 || sscanf(line, "cuda %d", &host->cuda) == 1 || sscanf(line, "init %d", &host->init) == 1 ||
            sscanf(line, "gpus %d", &host->gpu_count) == 1)
            continue;
        if (sscanf(line, "gpu %d %63s %399[^\n]", &index, key, value) == 3) first = last = index;
        else if (sscanf(line, "all %63s %399[^\n]", key, value) != 2) continue;
        for (int i = first; i <= last && i < GPUS_MAX; i++) {
            char copy[400];
            memcpy(copy, value, sizeof copy);
            fake_set(&host->gpus[i], key, copy);
        }
    }
    fclose(file);
}
