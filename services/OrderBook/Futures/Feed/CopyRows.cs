using System.Buffers;
using System.Buffers.Binary;
using Npgsql;

namespace ComputeExchange.OrderBook.Futures.Feed;

/// <summary>Rows in PostgreSQL's binary COPY format, put together in memory and sent in one piece.</summary>
/// <remarks>The format stands in PostgreSQL's documentation of COPY; a row written value by value through the client costs ten times as much.</remarks>
internal sealed class CopyRows
{
    private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ArrayBufferWriter<byte> _bytes = new(1 << 16);

    /// <summary>Begins with the header.</summary>
    public CopyRows()
    {
        // The signature, then no flags and no extension.
        ReadOnlySpan<byte> header = [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xff, (byte)'\r', (byte)'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0];
        _bytes.Write(header);
    }

    /// <summary>Begins a row of so many columns.</summary>
    public CopyRows Row(short columns)
    {
        BinaryPrimitives.WriteInt16BigEndian(_bytes.GetSpan(2), columns);
        _bytes.Advance(2);
        return this;
    }

    /// <summary>A bigint.</summary>
    public CopyRows Add(long value)
    {
        var at = Begin(8);
        BinaryPrimitives.WriteInt64BigEndian(at, value);
        return this;
    }

    /// <summary>An integer.</summary>
    public CopyRows Add(int value)
    {
        var at = Begin(4);
        BinaryPrimitives.WriteInt32BigEndian(at, value);
        return this;
    }

    /// <summary>A smallint.</summary>
    public CopyRows Add(short value)
    {
        var at = Begin(2);
        BinaryPrimitives.WriteInt16BigEndian(at, value);
        return this;
    }

    /// <summary>A boolean.</summary>
    public CopyRows Add(bool value)
    {
        Begin(1)[0] = value ? (byte)1 : (byte)0;
        return this;
    }

    /// <summary>A timestamp with time zone.</summary>
    public CopyRows Add(DateTimeOffset value) => Add((value - Epoch).Ticks / TimeSpan.TicksPerMicrosecond);

    /// <summary>Sends everything under a COPY … FROM STDIN (FORMAT BINARY).</summary>
    public async Task Send(NpgsqlConnection connection, string copy, CancellationToken cancel)
    {
        Row(-1);
        await using var stream = await connection.BeginRawBinaryCopyAsync(copy, cancel);
        await stream.WriteAsync(_bytes.WrittenMemory, cancel);
    }

    private Span<byte> Begin(int length)
    {
        var span = _bytes.GetSpan(4 + length);
        BinaryPrimitives.WriteInt32BigEndian(span, length);
        _bytes.Advance(4 + length);
        return span.Slice(4, length);
    }
}
