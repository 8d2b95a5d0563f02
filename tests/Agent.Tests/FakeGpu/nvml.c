/* A made-up libnvidia-ml.so.1 with the interface of the real one, that plays script.h. With OLD_DRIVER it lacks what driver 450 lacked. */
#include "script.h"
#include <stddef.h>

typedef int nvmlReturn_t;
typedef void *nvmlDevice_t;
typedef void *nvmlEventSet_t;

typedef struct { unsigned long long total, free, used; } nvmlMemory_t;
typedef struct { unsigned int gpu, memory; } nvmlUtilization_t;
typedef struct {
    char busIdLegacy[16];
    unsigned int domain, bus, device, pciDeviceId, pciSubSystemId;
    char busId[32];
} nvmlPciInfo_t;
typedef struct { unsigned int pid; unsigned long long usedGpuMemory; } nvmlProcessInfo_v1_t;
typedef struct { unsigned int pid; unsigned long long usedGpuMemory; unsigned int gpuInstanceId, computeInstanceId; } nvmlProcessInfo_v2_t;
typedef struct { nvmlDevice_t device; unsigned long long eventType, eventData; unsigned int gpuInstanceId, computeInstanceId; } nvmlEventData_t;

/* How large the structs are and where their fields lie, for a test of the C# ones. */
const int layout[] = {
    sizeof(nvmlMemory_t), offsetof(nvmlMemory_t, used),
    sizeof(nvmlUtilization_t), offsetof(nvmlUtilization_t, memory),
    sizeof(nvmlPciInfo_t), offsetof(nvmlPciInfo_t, pciDeviceId), offsetof(nvmlPciInfo_t, busId),
    sizeof(nvmlProcessInfo_v1_t), offsetof(nvmlProcessInfo_v1_t, usedGpuMemory),
    sizeof(nvmlProcessInfo_v2_t), offsetof(nvmlProcessInfo_v2_t, computeInstanceId),
    sizeof(nvmlEventData_t), offsetof(nvmlEventData_t, eventData), offsetof(nvmlEventData_t, computeInstanceId),
};

enum { SUCCESS, UNINITIALIZED, INVALID_ARGUMENT, NOT_SUPPORTED, NOT_FOUND = 6, INSUFFICIENT_SIZE = 7, TIMEOUT = 10, UNKNOWN = 999 };

static struct fake_host host;
static int initialised;

static int index_of(nvmlDevice_t device) { return (int)((size_t)device - 0x1000) / 0x100; }
static int part_of(nvmlDevice_t device) { return (int)((size_t)device - 0x1000) % 0x100; }

static nvmlReturn_t look(nvmlDevice_t device, struct fake_gpu **gpu)
{
    if (!initialised) return UNINITIALIZED;
    fake_read(&host);
    int index = index_of(device);
    if (index < 0 || index >= GPUS_MAX) return INVALID_ARGUMENT;
    *gpu = &host.gpus[index];
    return (nvmlReturn_t)(*gpu)->error;
}

#define GPU_OR_RETURN(device) struct fake_gpu *gpu; nvmlReturn_t failed = look(device, &gpu); if (failed) return failed

nvmlReturn_t nvmlInit_v2(void)
{
    fake_read(&host);
    if (host.init) return host.init;
    initialised++;
    return SUCCESS;
}

nvmlReturn_t nvmlShutdown(void) { if (!initialised) return UNINITIALIZED; initialised--; return SUCCESS; }

const char *nvmlErrorString(nvmlReturn_t result)
{
    switch (result) {
    case 0: return "Success";
    case 1: return "Uninitialized";
    case 3: return "Not Supported";
    case 9: return "Driver Not Loaded";
    case 15: return "GPU is lost";
    case 16: return "GPU requires reset";
    default: return "Unknown Error";
    }
}

nvmlReturn_t nvmlSystemGetDriverVersion(char *version, unsigned int length) { fake_read(&host); snprintf(version, length, "%s", host.driver); return SUCCESS; }
nvmlReturn_t nvmlSystemGetCudaDriverVersion_v2(int *version) { fake_read(&host); *version = host.cuda; return SUCCESS; }

nvmlReturn_t nvmlDeviceGetCount_v2(unsigned int *count)
{
    if (!initialised) return UNINITIALIZED;
    fake_read(&host);
    if (host.init) return host.init;
    *count = (unsigned int)host.gpu_count;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device)
{
    if (!initialised) return UNINITIALIZED;
    fake_read(&host);
    if ((int)index >= host.gpu_count) return INVALID_ARGUMENT;
    *device = (nvmlDevice_t)((size_t)0x1000 + 0x100 * index);
    return (nvmlReturn_t)host.gpus[index].error;
}

nvmlReturn_t nvmlDeviceGetName(nvmlDevice_t device, char *name, unsigned int length) { GPU_OR_RETURN(device); snprintf(name, length, "%s", gpu->name); return SUCCESS; }

nvmlReturn_t nvmlDeviceGetUUID(nvmlDevice_t device, char *uuid, unsigned int length)
{
    GPU_OR_RETURN(device);
    if (part_of(device)) snprintf(uuid, length, "MIG-%d-%s", part_of(device) - 1, gpu->uuid + 4);
    else snprintf(uuid, length, "%s", gpu->uuid);
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t *memory)
{
    GPU_OR_RETURN(device);
    memory->total = gpu->memory;
    memory->used = gpu->used;
    memory->free = gpu->memory - gpu->used;
    return SUCCESS;
}

static void address(const char *bus_id, unsigned int device, nvmlPciInfo_t *info)
{
    memset(info, 0xee, sizeof *info);
    snprintf(info->busId, sizeof info->busId, "%s", bus_id);
    snprintf(info->busIdLegacy, sizeof info->busIdLegacy, "%s", bus_id + 4);
    sscanf(bus_id, "%x:%x:%x", &info->domain, &info->bus, &info->device);
    info->pciDeviceId = device;
}

nvmlReturn_t nvmlDeviceGetPciInfo_v3(nvmlDevice_t device, nvmlPciInfo_t *info) { GPU_OR_RETURN(device); address(gpu->pci, gpu->device, info); return SUCCESS; }

nvmlReturn_t nvmlDeviceGetNvLinkState(nvmlDevice_t device, unsigned int link, unsigned int *active)
{
    GPU_OR_RETURN(device);
    if (!gpu->links) return NOT_SUPPORTED;
    if (link >= 18) return INVALID_ARGUMENT;
    *active = link < gpu->links;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetNvLinkRemotePciInfo_v2(nvmlDevice_t device, unsigned int link, nvmlPciInfo_t *info)
{
    GPU_OR_RETURN(device);
    if (link >= gpu->links) return INVALID_ARGUMENT;
    if (gpu->through_switch || !gpu->peer_count) address("00000000:C1:00.0", 0x22a310de, info);
    else address(host.gpus[gpu->peers[link % gpu->peer_count]].pci, gpu->device, info);
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetTemperature(nvmlDevice_t device, unsigned int sensor, unsigned int *celsius)
{
    GPU_OR_RETURN(device);
    if (sensor) return INVALID_ARGUMENT;
    *celsius = gpu->temperature;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned int *milliwatts) { GPU_OR_RETURN(device); if (!gpu->power) return NOT_SUPPORTED; *milliwatts = gpu->power; return SUCCESS; }
nvmlReturn_t nvmlDeviceGetPowerManagementLimit(nvmlDevice_t device, unsigned int *milliwatts) { GPU_OR_RETURN(device); if (!gpu->limit) return NOT_SUPPORTED; *milliwatts = gpu->limit; return SUCCESS; }
nvmlReturn_t nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t *rates) { GPU_OR_RETURN(device); rates->gpu = gpu->utilisation; rates->memory = 1; return SUCCESS; }

nvmlReturn_t nvmlDeviceGetTotalEccErrors(nvmlDevice_t device, unsigned int type, unsigned int counter, unsigned long long *count)
{
    GPU_OR_RETURN(device);
    if (type != 1 || counter != 0) return INVALID_ARGUMENT;
    *count = gpu->ecc;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetComputeRunningProcesses(nvmlDevice_t device, unsigned int *count, nvmlProcessInfo_v1_t *infos)
{
    GPU_OR_RETURN(device);
    unsigned int room = *count;
    *count = gpu->process_count;
    if (room < gpu->process_count) return INSUFFICIENT_SIZE;
    for (unsigned int i = 0; i < gpu->process_count; i++) infos[i].pid = gpu->process_ids[i], infos[i].usedGpuMemory = gpu->process_memory[i];
    return SUCCESS;
}

#ifndef OLD_DRIVER
nvmlReturn_t nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t device, unsigned int *count, nvmlProcessInfo_v2_t *infos)
{
    GPU_OR_RETURN(device);
    unsigned int room = *count;
    *count = gpu->process_count;
    if (room < gpu->process_count) return INSUFFICIENT_SIZE;
    for (unsigned int i = 0; i < gpu->process_count; i++) {
        infos[i].pid = gpu->process_ids[i];
        /* In a container the driver does not say how much. */
        infos[i].usedGpuMemory = gpu->process_memory[i] ? gpu->process_memory[i] : ~0ull;
        infos[i].gpuInstanceId = infos[i].computeInstanceId = 0xffffffff;
    }
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetNvLinkRemoteDeviceType(nvmlDevice_t device, unsigned int link, unsigned int *type)
{
    GPU_OR_RETURN(device);
    if (link >= gpu->links) return INVALID_ARGUMENT;
    *type = gpu->through_switch ? 2 : 0;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetMigMode(nvmlDevice_t device, unsigned int *current, unsigned int *pending)
{
    GPU_OR_RETURN(device);
    *current = *pending = gpu->mig > 0;
    return SUCCESS;
}

nvmlReturn_t nvmlDeviceGetMaxMigDeviceCount(nvmlDevice_t device, unsigned int *count) { GPU_OR_RETURN(device); *count = 7; return SUCCESS; }

nvmlReturn_t nvmlDeviceGetMigDeviceHandleByIndex(nvmlDevice_t device, unsigned int index, nvmlDevice_t *part)
{
    GPU_OR_RETURN(device);
    if (index >= gpu->mig) return NOT_FOUND;
    *part = (char *)device + 1 + index;
    return SUCCESS;
}

static unsigned int told_xid[GPUS_MAX];
static int registered[GPUS_MAX];

nvmlReturn_t nvmlEventSetCreate(nvmlEventSet_t *set) { *set = (nvmlEventSet_t)told_xid; return SUCCESS; }
nvmlReturn_t nvmlEventSetFree(nvmlEventSet_t set) { memset(registered, 0, sizeof registered); return set == told_xid ? SUCCESS : INVALID_ARGUMENT; }

nvmlReturn_t nvmlDeviceRegisterEvents(nvmlDevice_t device, unsigned long long types, nvmlEventSet_t set)
{
    GPU_OR_RETURN(device);
    if (types != 8 || set != told_xid) return INVALID_ARGUMENT;
    registered[index_of(device)] = 1;
    return SUCCESS;
}

nvmlReturn_t nvmlEventSetWait_v2(nvmlEventSet_t set, nvmlEventData_t *data, unsigned int timeout)
{
    (void)timeout;
    fake_read(&host);
    for (int i = 0; set == told_xid && i < host.gpu_count; i++) {
        if (!registered[i] || host.gpus[i].xid == told_xid[i]) continue;
        told_xid[i] = host.gpus[i].xid;
        data->device = (nvmlDevice_t)((size_t)0x1000 + 0x100 * i);
        data->eventType = 8;
        data->eventData = told_xid[i];
        data->gpuInstanceId = data->computeInstanceId = 0xffffffff;
        return SUCCESS;
    }
    return TIMEOUT;
}
#endif
