using System.Buffers;
using System.Text.Json;
using ComputeExchange.Values.Ledger;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

/// <summary><c>cx ledger verify</c> with a file, and what <c>cx account</c> refuses before it asks anybody.</summary>
public sealed class LedgerFileCommandsTests : IDisposable
{
    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cx-tests-");

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(3)]
    [InlineData(5_000)]
    public async Task A_whole_export_is_valid(int count)
    {
        var file = await Write(Export(count));
        var valid = await Run("ledger", "verify", file);
        valid.Code.ShouldBe(0);
        valid.Output.ShouldStartWith($"valid: {count} transfers through {count}, hash ");

        // The last line feed may be missing: editors take it.
        var bytes = await File.ReadAllBytesAsync(file, Cancel);
        await File.WriteAllBytesAsync(file, bytes[..^1], Cancel);
        (await Run("ledger", "verify", file)).Code.ShouldBe(0);
    }

    [Fact]
    public async Task The_first_transfer_that_does_not_fit_is_named_for_people_and_for_programs()
    {
        var lines = Export(40);
        lines[17] = lines[17].Replace("\"cause\":\"deposit 17\"", "\"cause\":\"deposit 71\"", StringComparison.Ordinal);
        var file = await Write(lines);
        var broken = await Run("ledger", "verify", file);
        broken.Code.ShouldBe(1);
        broken.Output.ShouldStartWith("not valid: transfer 17, line 18: Its hash is not");

        var json = await Run("ledger", "verify", file, "--json");
        json.Code.ShouldBe(1);
        using var document = JsonDocument.Parse(json.Output);
        document.RootElement.GetProperty("valid").GetBoolean().ShouldBeFalse();
        document.RootElement.GetProperty("transfer_id").GetInt64().ShouldBe(17);
    }

    [Fact]
    public async Task An_export_that_is_cut_off_or_is_none_is_not_valid()
    {
        var cut = await Run("ledger", "verify", await Write(Export(40)[..30]));
        (cut.Code, cut.Output.Trim()).ShouldBe((1, "not valid: line 30: The footer is missing: the export is cut off."));
        (await Run("ledger", "verify", await Write(["hello"]))).Code.ShouldBe(1);
        (await Run("ledger", "verify", await Write([]))).Code.ShouldBe(1);
    }

    [Theory]
    [InlineData(2, "file", "ledger", "verify", "/nowhere/export.jsonl")]
    [InlineData(1, "--from", "ledger", "verify", "--from", "0")]
    [InlineData(1, "--output", "ledger", "export")]
    [InlineData(1, "--format", "account", "statement", "--format", "xml")]
    [InlineData(1, "--as-of", "account", "statement", "--as-of", "2026-03-01", "--from", "2026-02-01")]
    [InlineData(1, "--format", "account", "statement", "--format", "pdf")]
    [InlineData(1, "--from", "account", "statement", "--format", "pdf", "--from", "2026-03-01T10:00Z", "--to", "2026-04-01")]
    [InlineData(1, "participant", "account", "statement", "me")]
    [InlineData(1, "kind", "account", "documents", "make", "bill", "--from", "2026-03-01", "--to", "2026-04-01")]
    [InlineData(1, "--for", "account", "documents", "make", "invoice", "--from", "2026-03-01", "--to", "2026-04-01", "--for", "me")]
    public async Task Wrong_input_is_a_sentence_with_its_field_on_the_error_stream(int code, string field, params string[] words)
    {
        var refused = await Run([.. words, "--address", "http://127.0.0.1:1"]);
        refused.Code.ShouldBe(code);
        refused.Output.ShouldBeEmpty();
        refused.Error.ShouldContain(field);
        refused.Error.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task An_export_that_breaks_off_leaves_no_file()
    {
        var file = Path.Combine(_folder.FullName, "export.jsonl");
        (await Run("ledger", "export", "-o", file, "--address", "http://127.0.0.1:1")).Code.ShouldBe(1);
        _folder.GetFiles().ShouldBeEmpty();
    }

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>The lines of an export of so many deposits.</summary>
    static List<string> Export(int count)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var at = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
        var hash = LedgerChain.Beginning;
        LedgerFile.Write(bytes, new LedgerLine.Header(1, hash));
        for (var number = 1; number <= count; number++)
        {
            var transfer = LedgerChain.Next(hash.Span, new TransferRecord(
                number, TransferPhase.Direct, null, "bank", "transit:a", 1_000, "deposit", $"deposit {number}", at, at, null, null, default));
            LedgerFile.Write(bytes, new LedgerLine.Moved(transfer));
            hash = transfer.Hash;
        }
        LedgerFile.Write(bytes, new LedgerLine.Held("bank", -1_000L * count, 0, 0));
        LedgerFile.Write(bytes, new LedgerLine.Held("transit:a", 1_000L * count, 0, 0));
        LedgerFile.Write(bytes, new LedgerLine.Footer(count, 2, count, hash));
        return [.. System.Text.Encoding.UTF8.GetString(bytes.WrittenSpan).TrimEnd('\n').Split('\n')];
    }

    async Task<string> Write(IReadOnlyList<string> lines)
    {
        var file = Path.Combine(_folder.FullName, "ledger.jsonl");
        await File.WriteAllTextAsync(file, string.Concat(lines.Select(line => line + "\n")), Cancel);
        return file;
    }

    async Task<(int Code, string Output, string Error)> Run(params string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await Program.Contents().Run([.. words, "--data", _folder.FullName], output, error);
        return (code, output.ToString(), error.ToString());
    }
}
