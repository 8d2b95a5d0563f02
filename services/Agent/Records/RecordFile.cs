using System.Buffers.Binary;
using System.Security.Cryptography;
using ComputeExchange.Agent.State;
using ComputeExchange.ProviderRegistry.V1;
using Google.Protobuf;

namespace ComputeExchange.Agent.Records;

/// <summary>The file behind the spool: a first number, then records one after another, each with its length and a check.</summary>
/// <remarks>A power cut may tear the last record; it was then never sent, and is cut off when the file is opened.</remarks>
public sealed class RecordFile : IDisposable
{
    private const int HeadLength = 16;
    private const int FrameLength = 8;
    private const int LongestRecord = 1 << 20;

    private static ReadOnlySpan<byte> Magic => "cxrec001"u8;

    private readonly string _path;
    private FileStream _file;

    private RecordFile(string path, FileStream file) => (_path, _file) = (path, file);

    /// <summary>Bytes in it.</summary>
    public long Length => _file.Length;

    /// <summary>Opens the file, or makes it, and reads what is whole.</summary>
    public static RecordFile Open(string path, out long firstNumber, out List<AgentRecord> records)
    {
        records = [];
        firstNumber = 1;
        if (!File.Exists(path)) StateFolder.Write(path, Whole(1, []));
        var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        if (bytes.Length < HeadLength || !bytes.AsSpan(0, 8).SequenceEqual(Magic))
        {
            file.Dispose();
            throw new Identity.AgentTroubleException($"{path} is no file of records. Move it away; what it held and was not yet told to the exchange is lost.");
        }
        firstNumber = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8));
        var at = HeadLength;
        while (Next(bytes, at, firstNumber + records.Count) is { } record)
        {
            records.Add(record);
            at += FrameLength + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
        }
        if (at < bytes.Length)
        {
            file.SetLength(at);
            file.Flush(flushToDisk: true);
        }
        file.Position = at;
        return new RecordFile(path, file);
    }

    /// <summary>Adds a record; it is on the disk when this returns, and not at all if this throws.</summary>
    public void Append(AgentRecord record)
    {
        var whole = _file.Position;
        try
        {
            _file.Write(Frame(record));
            _file.Flush(flushToDisk: true);
        }
        catch
        {
            _file.SetLength(whole);
            _file.Position = whole;
            throw;
        }
    }

    /// <summary>Begins the file anew with the records that are left.</summary>
    public void Rewrite(long firstNumber, IReadOnlyCollection<AgentRecord> records)
    {
        StateFolder.Write(_path, Whole(firstNumber, records));
        _file.Dispose();
        _file = new FileStream(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        _file.Seek(0, SeekOrigin.End);
    }

    public void Dispose() => _file.Dispose();

    private static AgentRecord? Next(byte[] bytes, int at, long number)
    {
        if (bytes.Length - at < FrameLength) return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
        if (length is <= 0 or > LongestRecord || bytes.Length - at - FrameLength < length) return null;
        var body = bytes.AsSpan(at + FrameLength, length);
        if (Check(body) != BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 4))) return null;
        var record = AgentRecord.Parser.ParseFrom(body);
        return record.Number == number ? record : null;
    }

    private static byte[] Whole(long firstNumber, IReadOnlyCollection<AgentRecord> records)
    {
        using var whole = new MemoryStream();
        whole.Write(Magic);
        Span<byte> number = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, firstNumber);
        whole.Write(number);
        foreach (var record in records) whole.Write(Frame(record));
        return whole.ToArray();
    }

    private static byte[] Frame(AgentRecord record)
    {
        var body = record.ToByteArray();
        var frame = new byte[FrameLength + body.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(4), Check(body));
        body.CopyTo(frame, FrameLength);
        return frame;
    }

    private static uint Check(ReadOnlySpan<byte> body) => BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(body));
}
