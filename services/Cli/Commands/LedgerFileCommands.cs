using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using ComputeExchange.Cli.Words;
using ComputeExchange.Settlement.V1;
using ComputeExchange.Values.Ledger;
using Grpc.Core;

namespace ComputeExchange.Cli.Commands;

/// <summary><c>cx ledger export</c> and <c>cx ledger verify</c>: all transfers as a file, and whether they fit together.</summary>
public static class LedgerFileCommands
{
    static readonly Option<string> Output = new("--output", "-o") { Description = "Write the export there.", HelpName = "FILE", Required = true };
    static readonly Option<long> From = CommandShape.Whole("--from", "N", "The first transfer. Default: 1, from which balances can be checked too.", orElse: 1L);
    static readonly Argument<string?> Input = CommandShape.Optional("file", "An export. Default: it is fetched from the exchange and verified as it comes.");

    /// <summary><c>export</c>.</summary>
    public static Command MakeExport() => CommandShape.Make("export", "All transfers with their hashes, and all balances, as JSON lines (operators and auditors).", Output, From).Does(Export);

    /// <summary><c>verify</c>.</summary>
    public static Command MakeVerify() => CommandShape.Make(
        "verify", "Check an export's chain, numbers, amounts and balances. Exit code 1 if anything does not fit, 2 if the file does not read.", Input, From).Does(Verify);

    static async Task Export(Session session)
    {
        var path = session.Line.GetRequiredValue(Output);
        var part = path + ".part";
        var lines = 0L;
        try
        {
            await using (var file = File.Create(part))
            {
                await foreach (var piece in Fetch(session))
                {
                    await file.WriteAsync(Encoding.UTF8.GetBytes(piece), session.Cancel);
                    lines += piece.AsSpan().Count('\n');
                }
            }

            // Whole or not at all: what broke off does not lie there under the name.
            File.Move(part, path, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }
        session.Print.Say(string.Create(CultureInfo.InvariantCulture, $"{path} {lines} lines"));
        session.Print.Field("file", path);
        session.Print.Field("line_count", lines);
    }

    static async Task<int> Verify(Session session)
    {
        var verifier = new LedgerVerifier();
        LedgerFault? fault;
        if (session.Line.GetValue(Input) is { } path)
        {
            try
            {
                await using var file = File.OpenRead(path);
                fault = await Take(verifier, PipeReader.Create(file, new StreamPipeReaderOptions(bufferSize: 1 << 20)), session.Cancel);
            }
            catch (Exception unread) when (unread is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
            {
                throw new InputException($"file: {path} cannot be read: {unread.Message}", exitCode: 2);
            }
        }
        else
        {
            fault = await Take(verifier, Fetch(session));
        }
        return Judge(session, verifier, fault);
    }

    /// <summary>Says what did not fit first, or how far everything does; 1, or 0.</summary>
    static int Judge(Session session, LedgerVerifier verifier, LedgerFault? fault)
    {
        session.Print.Field("valid", fault is null);
        session.Print.Field("transfer_count", verifier.Transfers);
        session.Print.Field("last_transfer_id", verifier.LastNumber);
        session.Print.Field("last_hash", Convert.ToHexStringLower(verifier.LastHash.Span));
        session.Print.Field("balances_checked", verifier.IsWhole);
        if (fault is not null)
        {
            session.Print.Say($"not valid: {(fault.Transfer is { } transfer ? $"transfer {transfer}, " : "")}line {fault.Line}: {fault.Sentence}");
            session.Print.Field("line", fault.Line);
            session.Print.Field("transfer_id", fault.Transfer);
            session.Print.Field("sentence", fault.Sentence);
            return 1;
        }
        session.Print.Say(string.Create(CultureInfo.InvariantCulture, $"valid: {verifier.Transfers} transfers through {verifier.LastNumber}, hash {Convert.ToHexStringLower(verifier.LastHash.Span)}"));
        if (!verifier.IsWhole) session.Print.Say("Only the chain was checked: balances need an export from transfer 1.");
        return 0;
    }

    static async Task<LedgerFault?> Take(LedgerVerifier verifier, IAsyncEnumerable<string> pieces)
    {
        var bytes = new ArrayBufferWriter<byte>(1 << 20);
        await foreach (var piece in pieces)
        {
            Encoding.UTF8.GetBytes(piece, bytes);
            if (Take(verifier, bytes.WrittenSpan, out _) is { } fault) return fault;
            bytes.ResetWrittenCount();
        }
        return verifier.Finish();
    }

    static async Task<LedgerFault?> Take(LedgerVerifier verifier, PipeReader input, CancellationToken cancel)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancel);
            var taken = read.Buffer.Start;
            if (read.Buffer.IsSingleSegment)
            {
                if (Take(verifier, read.Buffer.FirstSpan, out var whole) is { } fault) return fault;
                taken = read.Buffer.GetPosition(whole);
            }
            else
            {
                foreach (var line in Lines(read.Buffer, out taken))
                    if (verifier.Take(line.Span) is { } fault) return fault;
            }
            if (read.IsCompleted)
            {
                // A last line without its line feed is a line too.
                var rest = read.Buffer.Slice(taken);
                return (rest.IsEmpty ? null : verifier.Take(rest.ToArray())) ?? verifier.Finish();
            }
            input.AdvanceTo(taken, read.Buffer.End);
        }
    }

    /// <summary>Takes the whole lines; says how many bytes they were.</summary>
    static LedgerFault? Take(LedgerVerifier verifier, ReadOnlySpan<byte> bytes, out int taken)
    {
        taken = 0;
        for (int end; (end = bytes[taken..].IndexOf((byte)'\n')) >= 0; taken += end + 1)
            if (verifier.Take(bytes.Slice(taken, end)) is { } fault) return fault;
        return null;
    }

    static List<ReadOnlyMemory<byte>> Lines(ReadOnlySequence<byte> buffer, out SequencePosition taken)
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        var reader = new SequenceReader<byte>(buffer);
        while (reader.TryReadTo(out ReadOnlySequence<byte> line, (byte)'\n')) lines.Add(line.IsSingleSegment ? line.First : line.ToArray());
        taken = reader.Position;
        return lines;
    }

    static async IAsyncEnumerable<string> Fetch(Session session)
    {
        var from = session.Line.GetValue(From);
        if (from < 1) throw new InputException($"--from: is {from}; transfers are numbered from 1.");
        using var call = session.Exchange.Documents.ExportLedger(new ExportLedgerRequest { FromTransferId = from }, cancellationToken: session.Cancel);
        await foreach (var piece in call.ResponseStream.ReadAllAsync(session.Cancel)) yield return piece.Lines;
    }
}
