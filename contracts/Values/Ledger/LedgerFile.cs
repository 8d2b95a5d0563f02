using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ComputeExchange.Values.Ledger;

/// <summary>One line of the auditors' export of the ledger.</summary>
/// <remarks>
/// The file: a header, every transfer in the order of its number, every account in the order of its name, a footer; JSON,
/// one line each. Times are UTC with six decimals, hashes are hexadecimal. What is null is left out.
/// </remarks>
public abstract record LedgerLine
{
    private LedgerLine()
    {
    }

    /// <summary>The first line.</summary>
    /// <param name="FromNumber">The first transfer in the file.</param>
    /// <param name="BeforeHash">The hash of the transfer before it; 32 zero bytes before the first of all.</param>
    public sealed record Header(long FromNumber, ReadOnlyMemory<byte> BeforeHash) : LedgerLine;

    /// <summary>A transfer.</summary>
    public sealed record Moved(TransferRecord Transfer) : LedgerLine;

    /// <summary>What an account holds after the last transfer.</summary>
    /// <param name="PendingOutMicros">Of it, set aside.</param>
    /// <param name="PendingInMicros">To come.</param>
    public sealed record Held(string Account, long BalanceMicros, long PendingOutMicros, long PendingInMicros) : LedgerLine;

    /// <summary>The last line: a file without it is not whole.</summary>
    public sealed record Footer(long TransferCount, long AccountCount, long LastNumber, ReadOnlyMemory<byte> LastHash) : LedgerLine;
}

/// <summary>A line that is not one of the auditors' export; the message says what it should be.</summary>
public sealed class LedgerFormatException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>Lines of the auditors' export as bytes, and back.</summary>
public static class LedgerFile
{
    /// <summary>What the header says it is.</summary>
    public const string Format = "computeexchange-ledger";

    /// <summary>Another version is another file.</summary>
    public const int Version = 1;

    /// <summary>How many characters a time has.</summary>
    internal const int TimeLength = 27;

    private const string TimeForm = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    // Names of accounts and causes are plain text: nothing in them needs to be escaped for a page.
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Writes a line with its line feed.</summary>
    public static void Write(IBufferWriter<byte> output, LedgerLine line)
    {
        using (var json = new Utf8JsonWriter(output, Writing))
        {
            json.WriteStartObject();
            switch (line)
            {
                case LedgerLine.Header header:
                    json.WriteString("format"u8, Format);
                    json.WriteNumber("version"u8, Version);
                    json.WriteNumber("from_number"u8, header.FromNumber);
                    Hash(json, "before_hash"u8, header.BeforeHash);
                    break;
                case LedgerLine.Moved moved:
                    Write(json, moved.Transfer);
                    break;
                case LedgerLine.Held held:
                    json.WriteString("account"u8, held.Account);
                    json.WriteNumber("balance_micros"u8, held.BalanceMicros);
                    if (held.PendingOutMicros != 0) json.WriteNumber("pending_out_micros"u8, held.PendingOutMicros);
                    if (held.PendingInMicros != 0) json.WriteNumber("pending_in_micros"u8, held.PendingInMicros);
                    break;
                case LedgerLine.Footer footer:
                    json.WriteNumber("transfer_count"u8, footer.TransferCount);
                    json.WriteNumber("account_count"u8, footer.AccountCount);
                    json.WriteNumber("last_number"u8, footer.LastNumber);
                    Hash(json, "last_hash"u8, footer.LastHash);
                    break;
            }
            json.WriteEndObject();
        }
        output.Write("\n"u8);
    }

    /// <summary>Reads a line, without its line feed.</summary>
    /// <exception cref="LedgerFormatException">It is not one of the four.</exception>
    public static LedgerLine Read(ReadOnlySpan<byte> line)
    {
        try
        {
            return LedgerLineReader.Read(line);
        }
        catch (Exception unreadable) when (unreadable is JsonException or FormatException or InvalidOperationException)
        {
            throw new LedgerFormatException("The line is not JSON as the export writes it.", unreadable);
        }
    }

    /// <summary>A phase as programs read it.</summary>
    public static string PhaseName(TransferPhase phase) => phase switch
    {
        TransferPhase.Direct => "direct",
        TransferPhase.Pending => "pending",
        TransferPhase.Post => "post",
        TransferPhase.Void => "void",
        TransferPhase.Expire => "expire",
        _ => throw new ArgumentOutOfRangeException(nameof(phase), phase, "is no phase of a transfer."),
    };

    private static void Write(Utf8JsonWriter json, TransferRecord transfer)
    {
        json.WriteNumber("number"u8, transfer.Number);
        json.WriteString("phase"u8, PhaseName(transfer.Phase));
        if (transfer.PendingNumber is { } pending) json.WriteNumber("pending_number"u8, pending);
        json.WriteString("debit"u8, transfer.Debit);
        json.WriteString("credit"u8, transfer.Credit);
        json.WriteNumber("amount_micros"u8, transfer.AmountMicros);
        json.WriteString("kind"u8, transfer.Kind);
        json.WriteString("cause"u8, transfer.Cause);
        Time(json, "happened_time"u8, transfer.HappenedTime);
        Time(json, "recorded_time"u8, transfer.RecordedTime);
        if (transfer.FeedNumber is { } feed) json.WriteNumber("feed_number"u8, feed);
        if (transfer.ExpiresTime is { } expires) Time(json, "expires_time"u8, expires);
        Hash(json, "hash"u8, transfer.Hash);
    }

    private static void Time(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateTimeOffset time)
    {
        Span<char> text = stackalloc char[32];
        time.UtcDateTime.TryFormat(text, out var length, TimeForm, System.Globalization.CultureInfo.InvariantCulture);
        json.WriteString(name, text[..length]);
    }

    private static void Hash(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlyMemory<byte> hash)
    {
        Span<char> text = stackalloc char[2 * LedgerChain.HashLength];
        Convert.TryToHexStringLower(hash.Span, text, out var length);
        json.WriteString(name, text[..length]);
    }
}
