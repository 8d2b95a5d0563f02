using System.Runtime.InteropServices;

namespace ComputeExchange.Agent.Hardware.Nvidia;

/// <summary>A call of the CUDA driver failed; the message names it and says what the driver says.</summary>
sealed class CudaException(string message, int error) : Exception(message)
{
    /// <summary>The driver's number for it (<c>CUresult</c>).</summary>
    public int Error { get; } = error;
}

/// <summary>NVIDIA's CUDA driver library, as far as the self-test needs it.</summary>
sealed unsafe class CudaLibrary(DriverLibrary library) : IDisposable
{
    private const int NotFound = 500;
    private const int UuidLength = 16;
    private const int MultiprocessorCount = 16;

    /// <summary>Starts the driver.</summary>
    public void Init() => Check("cuInit", ((delegate* unmanaged[Cdecl]<uint, int>)Need("cuInit"))(0));

    /// <summary>The GPU with that UUID as NVML writes it; null if CUDA does not know it.</summary>
    public int? Find(string uuid)
    {
        int count;
        Check("cuDeviceGetCount", ((delegate* unmanaged[Cdecl]<int*, int>)Need("cuDeviceGetCount"))(&count));
        var bytes = stackalloc byte[UuidLength];
        for (var ordinal = 0; ordinal < count; ordinal++)
        {
            int device;
            Check("cuDeviceGet", ((delegate* unmanaged[Cdecl]<int*, int, int>)Need("cuDeviceGet"))(&device, ordinal));
            Check("cuDeviceGetUuid", ((delegate* unmanaged[Cdecl]<byte*, int, int>)Need("cuDeviceGetUuid"))(bytes, device));
            var found = new Guid(new ReadOnlySpan<byte>(bytes, UuidLength), bigEndian: true);
            if (uuid.Equals($"GPU-{found:D}", StringComparison.OrdinalIgnoreCase)) return device;
        }
        return null;
    }

    public int Multiprocessors(int device)
    {
        int count;
        Check("cuDeviceGetAttribute", ((delegate* unmanaged[Cdecl]<int*, int, int, int>)Need("cuDeviceGetAttribute"))(&count, MultiprocessorCount, device));
        return count;
    }

    public nint CreateContext(int device)
    {
        nint context;
        Check("cuCtxCreate", ((delegate* unmanaged[Cdecl]<nint*, uint, int, int>)Need("cuCtxCreate_v2"))(&context, 0, device));
        return context;
    }

    public void DestroyContext(nint context) => _ = ((delegate* unmanaged[Cdecl]<nint, int>)Need("cuCtxDestroy_v2"))(context);

    public void Synchronise() => Check("cuCtxSynchronize", ((delegate* unmanaged[Cdecl]<int>)Need("cuCtxSynchronize"))());

    /// <summary>Device memory that is free, bytes.</summary>
    public long FreeMemory()
    {
        nuint free, total;
        Check("cuMemGetInfo", ((delegate* unmanaged[Cdecl]<nuint*, nuint*, int>)Need("cuMemGetInfo_v2"))(&free, &total));
        return (long)free;
    }

    public ulong Allocate(long bytes)
    {
        ulong memory;
        Check("cuMemAlloc", ((delegate* unmanaged[Cdecl]<ulong*, nuint, int>)Need("cuMemAlloc_v2"))(&memory, (nuint)bytes));
        return memory;
    }

    public void Free(ulong memory) => _ = ((delegate* unmanaged[Cdecl]<ulong, int>)Need("cuMemFree_v2"))(memory);

    /// <summary>Memory of the host that a GPU reads without a copy in between.</summary>
    public nint AllocateOnHost(long bytes)
    {
        nint memory;
        Check("cuMemAllocHost", ((delegate* unmanaged[Cdecl]<nint*, nuint, int>)Need("cuMemAllocHost_v2"))(&memory, (nuint)bytes));
        return memory;
    }

    public void FreeOnHost(nint memory) => _ = ((delegate* unmanaged[Cdecl]<nint, int>)Need("cuMemFreeHost"))(memory);

    public void CopyToDevice(ulong to, nint from, long bytes) =>
        Check("cuMemcpyHtoD", ((delegate* unmanaged[Cdecl]<ulong, nint, nuint, int>)Need("cuMemcpyHtoD_v2"))(to, from, (nuint)bytes));

    public void CopyToHost(Span<byte> to, ulong from)
    {
        fixed (byte* memory = to)
            Check("cuMemcpyDtoH", ((delegate* unmanaged[Cdecl]<byte*, ulong, nuint, int>)Need("cuMemcpyDtoH_v2"))(memory, from, (nuint)to.Length));
    }

    public void Clear(ulong memory, long bytes) =>
        Check("cuMemsetD8", ((delegate* unmanaged[Cdecl]<ulong, byte, nuint, int>)Need("cuMemsetD8_v2"))(memory, 0, (nuint)bytes));

    /// <summary>Loads a module from PTX, which ends with a zero byte.</summary>
    public nint LoadModule(ReadOnlySpan<byte> ptx)
    {
        nint module;
        fixed (byte* text = ptx)
            Check("cuModuleLoadData", ((delegate* unmanaged[Cdecl]<nint*, byte*, int>)Need("cuModuleLoadData"))(&module, text));
        return module;
    }

    public nint Function(nint module, string name)
    {
        nint function;
        var text = Marshal.StringToCoTaskMemUTF8(name);
        try
        {
            Check("cuModuleGetFunction", ((delegate* unmanaged[Cdecl]<nint*, nint, nint, int>)Need("cuModuleGetFunction"))(&function, module, text));
        }
        finally
        {
            Marshal.FreeCoTaskMem(text);
        }
        return function;
    }

    /// <summary>Starts a kernel whose parameters are 8 bytes each.</summary>
    public void Launch(nint function, int blocks, int threads, ReadOnlySpan<ulong> parameters)
    {
        fixed (ulong* values = parameters)
        {
            var places = stackalloc void*[parameters.Length];
            for (var i = 0; i < parameters.Length; i++) places[i] = values + i;
            var launch = (delegate* unmanaged[Cdecl]<nint, uint, uint, uint, uint, uint, uint, uint, nint, void**, void**, int>)Need("cuLaunchKernel");
            Check("cuLaunchKernel", launch(function, (uint)blocks, 1, 1, (uint)threads, 1, 1, 0, 0, places, null));
        }
    }

    public nint CreateEvent()
    {
        nint happening;
        Check("cuEventCreate", ((delegate* unmanaged[Cdecl]<nint*, uint, int>)Need("cuEventCreate"))(&happening, 0));
        return happening;
    }

    public void DestroyEvent(nint happening) => _ = ((delegate* unmanaged[Cdecl]<nint, int>)Need("cuEventDestroy_v2"))(happening);

    public void Record(nint happening) => Check("cuEventRecord", ((delegate* unmanaged[Cdecl]<nint, nint, int>)Need("cuEventRecord"))(happening, 0));

    /// <summary>Waits for the second of two recorded events and says how many milliseconds lie between them.</summary>
    public float Elapsed(nint from, nint to)
    {
        float milliseconds;
        Check("cuEventSynchronize", ((delegate* unmanaged[Cdecl]<nint, int>)Need("cuEventSynchronize"))(to));
        Check("cuEventElapsedTime", ((delegate* unmanaged[Cdecl]<float*, nint, nint, int>)Need("cuEventElapsedTime"))(&milliseconds, from, to));
        return milliseconds;
    }

    public void Dispose() => library.Dispose();

    private void Check(string call, int error)
    {
        if (error == 0) return;
        var describe = (delegate* unmanaged[Cdecl]<int, byte**, int>)library.Find("cuGetErrorString");
        byte* text = null;
        var said = describe != null && describe(error, &text) == 0 ? Marshal.PtrToStringUTF8((nint)text) : null;
        throw new CudaException($"{call}: {said ?? "failed"} (CUDA error {error})", error);
    }

    private nint Need(string function) =>
        library.Find(function) is var address && address != 0 ? address : throw new CudaException($"The CUDA driver is too old: it has no {function}.", NotFound);
}
