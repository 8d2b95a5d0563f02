using System.Buffers.Binary;
using System.Runtime.InteropServices;
using ComputeExchange.Cli.Words;

namespace ComputeExchange.Cli.Bench;

/// <summary>What a record of an order-flow file asks for.</summary>
public enum FlowOp : byte
{
    /// <summary>A limit order, good till cancelled.</summary>
    Limit = 0,

    /// <summary>A limit order, immediate or cancel.</summary>
    ImmediateOrCancel = 1,

    /// <summary>A market order with a protective bound: immediate or cancel at it.</summary>
    Market = 2,

    /// <summary>Cancels an id; nothing when it does not rest.</summary>
    Cancel = 3,

    /// <summary>Another price and quantity for an id, which leaves its place; nothing when it does not rest.</summary>
    Replace = 4,
}

/// <summary>One record of an order-flow file: 24 bytes, little endian.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct FlowRecord
{
    /// <summary>The size in bytes.</summary>
    public const int Size = 24;

    public FlowOp Op;

    /// <summary>0 buys, 1 sells.</summary>
    public byte Side;

    public ushort Unused;
    public uint Quantity;
    public ulong Id;

    /// <summary>Ticks.</summary>
    public int Price;

    public uint AlsoUnused;
}

/// <summary>Order-flow files: <c>MSTRM01\0</c>, a count, and so many records of 24 bytes.</summary>
public static class OrderFlow
{
    private static ReadOnlySpan<byte> Magic => "MSTRM01\0"u8;

    private const int HeaderSize = 16;

    /// <summary>The records of a file.</summary>
    /// <exception cref="InputException">The file does not fit the format; the message says where and why.</exception>
    public static FlowRecord[] Read(string path)
    {
        FlowRecord[] records;
        try
        {
            using var file = File.OpenRead(path);
            Span<byte> header = stackalloc byte[HeaderSize];
            if (file.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) < HeaderSize || !header[..8].SequenceEqual(Magic))
                throw Wrong(path, "byte 0", "an order-flow file begins with MSTRM01, a zero byte and a count of 8 bytes");
            var count = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
            if (count == 0 || count > (ulong)Array.MaxLength / FlowRecord.Size) throw Wrong(path, "byte 8", $"the count is {count}; it must be 1 to {Array.MaxLength / FlowRecord.Size}");
            if ((ulong)(file.Length - HeaderSize) != count * FlowRecord.Size)
                throw Wrong(path, "byte 8", $"the count is {count}, which makes {HeaderSize + (count * FlowRecord.Size)} bytes, but the file has {file.Length}");
            records = new FlowRecord[count];
            file.ReadExactly(MemoryMarshal.AsBytes(records.AsSpan()));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{path}: {failure.Message}", exitCode: 2);
        }
        Check(path, records);
        return records;
    }

    private static void Check(string path, FlowRecord[] records)
    {
        var next = 1UL;
        for (var index = 0; index < records.Length; index++)
        {
            ref readonly var record = ref records[index];
            var reason = record switch
            {
                { Op: > FlowOp.Replace } => $"op is {(byte)record.Op}; it can be 0 to 4",
                { Side: > 1 } => $"side is {record.Side}; it can be 0, buy, or 1, sell",
                { Op: not FlowOp.Cancel, Quantity: 0 or > int.MaxValue } => $"quantity is {record.Quantity}; it can be 1 to {int.MaxValue}",
                { Op: <= FlowOp.Market } when record.Id != next => $"id is {record.Id}; ids count up, so it must be {next}",
                _ => null,
            };
            if (reason is not null) throw Wrong(path, $"record {index}", reason);
            if (record.Op <= FlowOp.Market) next++;
        }
    }

    private static InputException Wrong(string path, string place, string reason) => new($"{path}: {place}: {reason}.", exitCode: 2);
}
