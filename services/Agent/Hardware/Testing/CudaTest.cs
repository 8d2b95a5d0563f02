using System.Buffers.Binary;
using ComputeExchange.Agent.Hardware.Nvidia;
using ComputeExchange.Values.Delivery;

namespace ComputeExchange.Agent.Hardware.Testing;

/// <summary>Measures one GPU through the CUDA driver: memory, its speed, computing, its speed, and the link to the host.</summary>
sealed class CudaTest : IDisposable
{
    private const int ThreadsOfBlock = 256;
    private const int BlocksOfMultiprocessor = 8;
    private const int OperationsOfRound = 64;
    private const ulong FirstRounds = 16;
    private const ulong RoundsMax = 1 << 22;
    private const long HostCopyBytes = 128L << 20;
    private const long PieceMax = 1L << 30;
    private const long PieceMin = 1L << 20;
    private const long KernelBytes = 64L << 20;

    private readonly CudaLibrary _cuda;
    private readonly SelfTestAsk _ask;
    private readonly nint _context;
    private readonly nint _mix, _fill, _sum, _fma;
    private readonly nint _from, _to;
    private readonly int _blocks;
    private readonly List<Piece> _pieces = [];

    private CudaTest(CudaLibrary cuda, int device, SelfTestAsk ask)
    {
        _cuda = cuda;
        _ask = ask;
        _blocks = Math.Max(1, cuda.Multiprocessors(device)) * BlocksOfMultiprocessor;
        _context = cuda.CreateContext(device);
        try
        {
            var module = cuda.LoadModule(Kernels());
            _mix = cuda.Function(module, "cx_mix");
            _fill = cuda.Function(module, "cx_fill");
            _sum = cuda.Function(module, "cx_sum");
            _fma = cuda.Function(module, "cx_fma");
            _from = cuda.CreateEvent();
            _to = cuda.CreateEvent();
        }
        catch
        {
            cuda.DestroyContext(_context);
            throw;
        }
    }

    /// <summary>Measures a GPU; what goes wrong stands in the figures.</summary>
    public static GpuTestFigures Run(CudaLibrary cuda, Gpu gpu, SelfTestAsk ask, CancellationToken cancel)
    {
        var figures = new GpuTestFigures { GpuIndex = gpu.Index, Uuid = gpu.Uuid };
        if (gpu.IsMig) return figures with { Failure = "It is split (MIG): only whole GPUs are tested." };
        try
        {
            if (cuda.Find(gpu.Uuid) is not { } device) return figures with { Failure = "CUDA does not know it, though the driver lists it." };
            using var test = new CudaTest(cuda, device, ask);
            return test.Measure(figures, cancel);
        }
        catch (CudaException failed)
        {
            return figures with { Failure = failed.Message };
        }
    }

    /// <summary>What the context holds goes with it.</summary>
    public void Dispose()
    {
        _cuda.DestroyEvent(_from);
        _cuda.DestroyEvent(_to);
        _cuda.DestroyContext(_context);
    }

    private GpuTestFigures Measure(GpuTestFigures figures, CancellationToken cancel)
    {
        var host = HostLink();
        cancel.ThrowIfCancellationRequested();
        var results = Mix();
        var operations = Compute();
        cancel.ThrowIfCancellationRequested();
        // Before the rest is taken, or there would be no room for it.
        var cell = _cuda.Allocate(sizeof(ulong));
        TakeMemory();
        var bytes = _pieces.Sum(piece => piece.Bytes);
        var (sum, speed) = FillAndSum(cell, cancel);
        return figures with
        {
            HostBytesPerSecond = host,
            OperationsPerSecond = operations,
            MemoryBytes = bytes,
            MemoryBytesPerSecond = speed,
            Digest = ComputeCheck.DigestOf(_ask.Seed, results, bytes, sum),
        };
    }

    private long HostLink()
    {
        var bytes = Limit(HostCopyBytes);
        var (host, device) = (_cuda.AllocateOnHost(bytes), _cuda.Allocate(bytes));
        // Once to warm up.
        _cuda.CopyToDevice(device, host, bytes);
        var milliseconds = Time(() => _cuda.CopyToDevice(device, host, bytes));
        _cuda.Free(device);
        _cuda.FreeOnHost(host);
        return PerSecond(bytes, milliseconds);
    }

    private byte[] Mix()
    {
        var results = new byte[ComputeCheck.Threads * sizeof(ulong)];
        var memory = _cuda.Allocate(results.Length);
        _cuda.Launch(_mix, ComputeCheck.Threads / ThreadsOfBlock, ThreadsOfBlock, [memory, _ask.Seed, ComputeCheck.Rounds]);
        _cuda.CopyToHost(results, memory);
        _cuda.Free(memory);
        return results;
    }

    private long Compute()
    {
        var memory = _cuda.Allocate(_blocks * ThreadsOfBlock * (long)sizeof(float));
        var rounds = FirstRounds;
        float milliseconds;
        // Longer and longer, until the beginning and the end of it weigh nothing.
        while (true)
        {
            milliseconds = Time(() => _cuda.Launch(_fma, _blocks, ThreadsOfBlock, [memory, rounds]));
            if (milliseconds >= _ask.KernelMilliseconds || rounds >= RoundsMax) break;
            rounds = Math.Min(RoundsMax, rounds * 8);
        }
        _cuda.Free(memory);
        return PerSecond(_blocks * ThreadsOfBlock * (long)rounds * OperationsOfRound, milliseconds);
    }

    // All that is free but what the kernels themselves may need, in large pieces and then in smaller ones.
    private void TakeMemory()
    {
        var left = Limit(_cuda.FreeMemory() - KernelBytes);
        for (var size = PieceMax; size >= PieceMin; size /= 2)
            while (left >= size)
                try
                {
                    _pieces.Add(new Piece(_cuda.Allocate(size), size));
                    left -= size;
                }
                catch (CudaException full) when (full.Error == 2)
                {
                    break;
                }
    }

    private (ulong Sum, long BytesPerSecond) FillAndSum(ulong cell, CancellationToken cancel)
    {
        var (factor, begin) = ComputeCheck.MemoryWords(_ask.Seed);
        var first = 0UL;
        foreach (var piece in _pieces)
        {
            _cuda.Launch(_fill, _blocks, ThreadsOfBlock, [piece.Memory, piece.Pairs, first, factor, begin]);
            first += piece.Pairs * 2;
        }
        _cuda.Synchronise();
        cancel.ThrowIfCancellationRequested();

        // The second reading is timed: the first brings up the clocks.
        var sum = Sum(cell, out _);
        if (Sum(cell, out var milliseconds) != sum) return (0, 0);
        return (sum, PerSecond(_pieces.Sum(piece => piece.Bytes), milliseconds));
    }

    private ulong Sum(ulong cell, out float milliseconds)
    {
        _cuda.Clear(cell, sizeof(ulong));
        milliseconds = Time(() =>
        {
            foreach (var piece in _pieces) _cuda.Launch(_sum, _blocks, ThreadsOfBlock, [piece.Memory, piece.Pairs, cell]);
        });
        Span<byte> sum = stackalloc byte[sizeof(ulong)];
        _cuda.CopyToHost(sum, cell);
        return BinaryPrimitives.ReadUInt64LittleEndian(sum);
    }

    private float Time(Action work)
    {
        _cuda.Record(_from);
        work();
        _cuda.Record(_to);
        return _cuda.Elapsed(_from, _to);
    }

    private long Limit(long bytes) => _ask.MemoryLimitBytes > 0 ? Math.Min(bytes, _ask.MemoryLimitBytes) : bytes;

    private static long PerSecond(long count, float milliseconds) => milliseconds <= 0 ? 0 : (long)(count / (milliseconds / 1e3));

    private static byte[] Kernels()
    {
        using var file = typeof(CudaTest).Assembly.GetManifestResourceStream("SelfTest.ptx")!;
        var text = new byte[file.Length + 1];
        file.ReadExactly(text.AsSpan(0, (int)file.Length));
        return text;
    }

    private readonly record struct Piece(ulong Memory, long Bytes)
    {
        public ulong Pairs => (ulong)Bytes / (2 * ComputeCheck.WordLength);
    }
}
