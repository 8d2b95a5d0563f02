/* A made-up libcuda.so.1 that plays script.h. It reads the PTX that it is given and computes what stands there, instruction by instruction, so a wrong
 * kernel gives a wrong answer here too. Time does not pass: it is what the memory and the multiply-adds that were really touched take at the script's speeds. */
#include "script.h"
#include <math.h>
#include <stdint.h>

typedef int CUresult;
typedef int CUdevice;
typedef unsigned long long CUdeviceptr;

enum { OK = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NO_DEVICE = 100, INVALID_PTX = 218, NOT_FOUND = 500, LAUNCH_FAILED = 719 };
enum { REGISTERS = 64, CODE_MAX = 512, KERNELS_MAX = 8, PARAMETERS_MAX = 8, BLOCKS_MAX = 4096 };

static struct fake_host host;
static int current = -1;
static double seconds;
static unsigned long long taken;
static struct { void *at; size_t size; } allocations[BLOCKS_MAX];

enum op { LDP, MOVI, MOVS, MAD, CVTU, CVTF, COPY, MULR, ADD, ADDI, SUBI, MULI, SHLI, SHRI, XOR, GE, NEI, BRAP, BRA, LDV2, STV2, ST8, ST4, RED, FMA, FADD, MUL32, RET };

struct instruction { enum op op; int a, b, c, d; uint64_t value; char label[32]; };
struct kernel { char name[32], parameters[PARAMETERS_MAX][40]; int parameter_count, length; struct instruction code[CODE_MAX]; };
struct module { struct kernel kernels[KERNELS_MAX]; int count; } *loaded;
union reg { uint64_t u; uint32_t w; float f; };

/* Registers of each kind are numbered by themselves; here they lie one kind after the other. */
static int reg(const char *text)
{
    int number;
    while (*text == ' ' || *text == '{') text++;
    if (sscanf(text, "%%rd%d", &number) == 1) return number;
    if (sscanf(text, "%%r%d", &number) == 1) return 32 + number;
    if (sscanf(text, "%%f%d", &number) == 1) return 40 + number;
    if (sscanf(text, "%%p%d", &number) == 1) return 60 + number;
    return -1;
}

static int parse_line(struct kernel *kernel, char *line)
{
    struct instruction *i = &kernel->code[kernel->length];
    char op[40] = "", rest[200] = "", *parts[6] = { 0 }, *save = NULL;
    int count = 0;
    memset(i, 0, sizeof *i);
    if (line[0] == '@') {
        if (sscanf(line, "@%%p%d bra %31[^;]", &i->a, i->label) != 2) return INVALID_PTX;
        i->a += 60;
        i->op = BRAP;
        kernel->length++;
        return OK;
    }
    if (sscanf(line, "%39[^ ;] %199[^;]", op, rest) < 1) return INVALID_PTX;
    for (char *part = strtok_r(rest, ",", &save); part && count < 6; part = strtok_r(NULL, ",", &save)) {
        while (*part == ' ') part++;
        parts[count++] = part;
    }
    for (int n = 0; n < count && n < 4; n++) *(n == 0 ? &i->a : n == 1 ? &i->b : n == 2 ? &i->c : &i->d) = reg(parts[n]);
    int last_is_number = count > 0 && reg(parts[count - 1]) < 0;
    if (last_is_number) i->value = strtoull(parts[count - 1], NULL, 0);
    if (!strcmp(op, "ret")) i->op = RET;
    else if (!strcmp(op, "bra")) i->op = BRA, snprintf(i->label, sizeof i->label, "%s", parts[0]);
    else if (!strcmp(op, "ld.param.u64")) {
        char name[40];
        i->op = LDP;
        if (sscanf(parts[1], "[%39[^]]", name) != 1) return INVALID_PTX;
        for (i->b = 0; i->b < kernel->parameter_count && strcmp(name, kernel->parameters[i->b]); i->b++) ;
        if (i->b == kernel->parameter_count) return INVALID_PTX;
    }
    else if (!strcmp(op, "mov.u32")) {
        i->op = MOVS;
        i->b = !strcmp(parts[1], "%ctaid.x") ? 0 : !strcmp(parts[1], "%ntid.x") ? 1 : !strcmp(parts[1], "%tid.x") ? 2 : !strcmp(parts[1], "%nctaid.x") ? 3 : -1;
        if (i->b < 0) return INVALID_PTX;
    }
    else if (!strcmp(op, "mov.u64")) i->op = MOVI;
    else if (!strcmp(op, "mov.f32")) i->op = MOVI, i->value = strtoull(parts[1] + 2, NULL, 16);
    else if (!strcmp(op, "mad.lo.s32")) i->op = MAD;
    else if (!strcmp(op, "mul.lo.s32")) i->op = MUL32;
    else if (!strcmp(op, "cvt.u64.u32")) i->op = CVTU;
    else if (!strcmp(op, "cvt.rn.f32.u32")) i->op = CVTF;
    else if (!strcmp(op, "cvta.to.global.u64")) i->op = COPY;
    else if (!strcmp(op, "mul.lo.u64")) i->op = last_is_number ? MULI : MULR;
    else if (!strcmp(op, "add.u64")) i->op = last_is_number ? ADDI : ADD;
    else if (!strcmp(op, "sub.u64") && last_is_number) i->op = SUBI;
    else if (!strcmp(op, "shl.b64") && last_is_number) i->op = SHLI;
    else if (!strcmp(op, "shr.u64") && last_is_number) i->op = SHRI;
    else if (!strcmp(op, "xor.b64")) i->op = XOR;
    else if (!strcmp(op, "setp.ge.u64")) i->op = GE;
    else if (!strcmp(op, "setp.ne.u64") && last_is_number) i->op = NEI;
    else if (!strcmp(op, "ld.global.v2.u64")) i->op = LDV2, i->c = reg(parts[2] + 1);
    else if (!strcmp(op, "st.global.v2.u64")) i->op = STV2, i->a = reg(parts[0] + 1), i->b = reg(parts[1]), i->c = reg(parts[2]);
    else if (!strcmp(op, "st.global.u64")) i->op = ST8, i->a = reg(parts[0] + 1);
    else if (!strcmp(op, "st.global.f32")) i->op = ST4, i->a = reg(parts[0] + 1);
    else if (!strcmp(op, "red.global.add.u64")) i->op = RED, i->a = reg(parts[0] + 1);
    else if (!strcmp(op, "fma.rn.f32")) i->op = FMA;
    else if (!strcmp(op, "add.f32")) i->op = FADD;
    else return INVALID_PTX;
    kernel->length++;
    return OK;
}

static int find_labels(struct kernel *kernel, char labels[][32], const int *places, int count)
{
    for (int n = 0; n < kernel->length; n++) {
        struct instruction *i = &kernel->code[n];
        if (!i->label[0]) continue;
        int found = -1;
        for (int l = 0; l < count; l++) if (!strcmp(labels[l], i->label)) found = places[l];
        if (found < 0) return INVALID_PTX;
        i->b = found;
    }
    return OK;
}

CUresult cuModuleLoadData(void **module, const void *image)
{
    char *text = strdup(image), *save = NULL, labels[16][32];
    int places[16], label_count = 0, in_body = 0, failed = OK;
    struct kernel *kernel = NULL;
    free(loaded);
    loaded = calloc(1, sizeof *loaded);
    for (char *line = strtok_r(text, "\n", &save); line && !failed; line = strtok_r(NULL, "\n", &save)) {
        char name[40];
        while (*line == '\t' || *line == ' ') line++;
        if (!*line || !strncmp(line, "//", 2) || !strncmp(line, ".reg", 4) || !strncmp(line, ".version", 8) || !strncmp(line, ".target", 7) || !strncmp(line, ".address_size", 13)) continue;
        if (sscanf(line, ".visible .entry %31[^(]", name) == 1) {
            kernel = &loaded->kernels[loaded->count++];
            snprintf(kernel->name, sizeof kernel->name, "%s", name);
            label_count = 0;
        }
        else if (kernel && sscanf(line, ".param .u64 %39[^,]", name) == 1) snprintf(kernel->parameters[kernel->parameter_count++], 40, "%s", name);
        else if (*line == ')') continue;
        else if (*line == '{') in_body = 1;
        else if (*line == '}') in_body = 0, failed = find_labels(kernel, labels, places, label_count);
        else if (in_body && strchr(line, ':')) {
            sscanf(line, "%31[^:]", labels[label_count]);
            places[label_count++] = kernel->length;
        }
        else failed = in_body && kernel->length < CODE_MAX ? parse_line(kernel, line) : INVALID_PTX;
    }
    free(text);
    *module = loaded;
    return failed;
}

static int touches(uint64_t address, size_t size)
{
    static int last;
    for (int n = 0; n < BLOCKS_MAX; n++) {
        int k = (last + n) % BLOCKS_MAX;
        if (allocations[k].at && address >= (uint64_t)allocations[k].at && address + size <= (uint64_t)allocations[k].at + allocations[k].size) { last = k; return 1; }
    }
    return 0;
}

#define AT(address, size) if (!touches(address, size)) return LAUNCH_FAILED; bytes += size

static CUresult run(const struct kernel *kernel, const uint64_t *parameters, unsigned int blocks, unsigned int threads)
{
    uint64_t bytes = 0, operations = 0;
    unsigned int special[4] = { 0, threads, 0, blocks };
    for (special[0] = 0; special[0] < blocks; special[0]++)
        for (special[2] = 0; special[2] < threads; special[2]++) {
            union reg r[REGISTERS];
            memset(r, 0, sizeof r);
            for (int at = 0, running = 1; running; at++) {
                const struct instruction *i = &kernel->code[at];
                switch (i->op) {
                case LDP: r[i->a].u = parameters[i->b]; break;
                case MOVI: r[i->a].u = i->value; break;
                case MOVS: r[i->a].w = special[i->b]; break;
                case MAD: r[i->a].w = r[i->b].w * r[i->c].w + r[i->d].w; break;
                case MUL32: r[i->a].w = r[i->b].w * r[i->c].w; break;
                case CVTU: r[i->a].u = r[i->b].w; break;
                case CVTF: r[i->a].f = (float)r[i->b].w; break;
                case COPY: r[i->a].u = r[i->b].u; break;
                case MULR: r[i->a].u = r[i->b].u * r[i->c].u; break;
                case MULI: r[i->a].u = r[i->b].u * i->value; break;
                case ADD: r[i->a].u = r[i->b].u + r[i->c].u; break;
                case ADDI: r[i->a].u = r[i->b].u + i->value; break;
                case SUBI: r[i->a].u = r[i->b].u - i->value; break;
                case SHLI: r[i->a].u = r[i->b].u << i->value; break;
                case SHRI: r[i->a].u = r[i->b].u >> i->value; break;
                case XOR: r[i->a].u = r[i->b].u ^ r[i->c].u; break;
                case GE: r[i->a].u = r[i->b].u >= r[i->c].u; break;
                case NEI: r[i->a].u = r[i->b].u != i->value; break;
                case BRAP: if (r[i->a].u) at = i->b - 1; break;
                case BRA: at = i->b - 1; break;
                case LDV2: { AT(r[i->c].u, 16); uint64_t *p = (uint64_t *)r[i->c].u, x = p[0], y = p[1]; r[i->a].u = x; r[i->b].u = y; break; }
                case STV2: {
                    AT(r[i->a].u, 16);
                    uint64_t *p = (uint64_t *)r[i->a].u;
                    /* Memory that lies over itself: every second page is the one before it. */
                    if (host.gpus[current].overlap && ((uint64_t)p >> 12 & 1)) p -= 512;
                    p[0] = r[i->b].u;
                    p[1] = r[i->c].u;
                    break;
                }
                case ST8: AT(r[i->a].u, 8); *(uint64_t *)r[i->a].u = r[i->b].u; break;
                case ST4: AT(r[i->a].u, 4); *(float *)r[i->a].u = r[i->b].f; break;
                case RED: AT(r[i->a].u, 8); *(uint64_t *)r[i->a].u += r[i->b].u; break;
                case FMA: r[i->a].f = fmaf(r[i->b].f, r[i->c].f, r[i->d].f); operations += 2; break;
                case FADD: r[i->a].f = r[i->b].f + r[i->c].f; break;
                case RET: running = 0; break;
                }
            }
        }
    seconds += bytes / (double)host.gpus[current].bandwidth + operations / (double)host.gpus[current].flops;
    return OK;
}

CUresult cuInit(unsigned int flags) { (void)flags; fake_read(&host); return host.gpu_count ? OK : NO_DEVICE; }
CUresult cuDeviceGetCount(int *count) { fake_read(&host); *count = host.gpu_count; return OK; }
CUresult cuDeviceGet(CUdevice *device, int ordinal) { *device = ordinal; return ordinal < host.gpu_count ? OK : INVALID_VALUE; }

CUresult cuDeviceGetUuid(unsigned char *uuid, CUdevice device)
{
    int at = 0;
    for (const char *c = host.gpus[device].uuid + 4; *c && at < 16; c++) {
        unsigned int byte;
        if (*c == '-') continue;
        sscanf(c, "%2x", &byte);
        uuid[at++] = (unsigned char)byte;
        c++;
    }
    return OK;
}

CUresult cuDeviceGetAttribute(int *value, int attribute, CUdevice device) { if (attribute != 16) return INVALID_VALUE; *value = (int)host.gpus[device].processors; return OK; }
CUresult cuGetErrorString(CUresult error, const char **text) { *text = error == OUT_OF_MEMORY ? "out of memory" : error == INVALID_PTX ? "a PTX JIT compilation failed" : "unspecified failure"; return OK; }

CUresult cuCtxCreate_v2(void **context, unsigned int flags, CUdevice device)
{
    (void)flags;
    fake_read(&host);
    if (host.gpus[device].error) return LAUNCH_FAILED;
    current = device;
    taken = 0;
    *context = &current;
    return OK;
}

CUresult cuCtxDestroy_v2(void *context)
{
    (void)context;
    for (int n = 0; n < BLOCKS_MAX; n++) free(allocations[n].at), allocations[n].at = NULL;
    current = -1;
    return OK;
}

CUresult cuCtxSynchronize(void) { return OK; }

CUresult cuMemGetInfo_v2(size_t *free_bytes, size_t *total) { *total = host.gpus[current].memory; *free_bytes = *total - taken; return OK; }

CUresult cuMemAlloc_v2(CUdeviceptr *memory, size_t size)
{
    unsigned long long most = host.gpus[current].usable ? host.gpus[current].usable : host.gpus[current].memory;
    if (taken + size > most) return OUT_OF_MEMORY;
    for (int n = 0; n < BLOCKS_MAX; n++) {
        if (allocations[n].at) continue;
        allocations[n].at = aligned_alloc(8192, (size + 8191) / 8192 * 8192);
        allocations[n].size = size;
        taken += size;
        *memory = (CUdeviceptr)allocations[n].at;
        return OK;
    }
    return OUT_OF_MEMORY;
}

CUresult cuMemFree_v2(CUdeviceptr memory)
{
    for (int n = 0; n < BLOCKS_MAX; n++)
        if (allocations[n].at == (void *)memory) { taken -= allocations[n].size; free(allocations[n].at); allocations[n].at = NULL; return OK; }
    return INVALID_VALUE;
}

CUresult cuMemAllocHost_v2(void **memory, size_t size) { *memory = malloc(size); return OK; }
CUresult cuMemFreeHost(void *memory) { free(memory); return OK; }

/* The link to the host: an eighth of the memory's speed. */
CUresult cuMemcpyHtoD_v2(CUdeviceptr to, const void *from, size_t size) { if (!touches(to, size)) return INVALID_VALUE; memcpy((void *)to, from, size); seconds += 8.0 * size / host.gpus[current].bandwidth; return OK; }

CUresult cuMemcpyDtoH_v2(void *to, CUdeviceptr from, size_t size)
{
    if (!touches(from, size)) return INVALID_VALUE;
    memcpy(to, (void *)from, size);
    if (host.gpus[current].lie) ((char *)to)[0] ^= 1;
    return OK;
}

CUresult cuMemsetD8_v2(CUdeviceptr memory, unsigned char value, size_t size) { if (!touches(memory, size)) return INVALID_VALUE; memset((void *)memory, value, size); return OK; }

CUresult cuModuleGetFunction(void **function, void *module, const char *name)
{
    struct module *in = module;
    for (int n = 0; n < in->count; n++)
        if (!strcmp(in->kernels[n].name, name)) { *function = &in->kernels[n]; return OK; }
    return NOT_FOUND;
}

CUresult cuLaunchKernel(void *function, unsigned int gx, unsigned int gy, unsigned int gz, unsigned int bx, unsigned int by, unsigned int bz,
    unsigned int shared, void *stream, void **parameters, void **extra)
{
    struct kernel *kernel = function;
    uint64_t values[PARAMETERS_MAX];
    (void)shared; (void)stream;
    if (gy != 1 || gz != 1 || by != 1 || bz != 1 || extra) return INVALID_VALUE;
    for (int n = 0; n < kernel->parameter_count; n++) values[n] = *(uint64_t *)parameters[n];
    return run(kernel, values, gx, bx);
}

CUresult cuEventCreate(void **event, unsigned int flags) { (void)flags; *event = malloc(sizeof(double)); return OK; }
CUresult cuEventDestroy_v2(void *event) { free(event); return OK; }
CUresult cuEventRecord(void *event, void *stream) { (void)stream; *(double *)event = seconds; return OK; }
CUresult cuEventSynchronize(void *event) { (void)event; return OK; }
CUresult cuEventElapsedTime(float *milliseconds, void *from, void *to) { *milliseconds = (float)((*(double *)to - *(double *)from) * 1e3); return OK; }
