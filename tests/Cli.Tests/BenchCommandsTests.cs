using System.Globalization;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

/// <summary><c>cx bench</c> on order-flow files.</summary>
public sealed class BenchCommandsTests : IDisposable
{
    private const byte Limit = 0, Ioc = 1, Market = 2, Cancel = 3, Replace = 4, Buy = 0, Sell = 1;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cx-bench-");

    /// <summary>
    /// Two sells at 101 and one at 102; a buy takes the first and a part of the second; the rest of that is cancelled; an immediate buy
    /// finds 102; a sell moves to 99 and meets the buy at 100; a market buy and a cancel find nothing.
    /// </summary>
    private static readonly (byte Op, byte Side, uint Quantity, ulong Id, int Price)[] Flow =
    [
        (Limit, Sell, 10, 1, 101),
        (Limit, Sell, 10, 2, 101),
        (Limit, Sell, 10, 3, 102),
        (Limit, Buy, 15, 4, 101),
        (Cancel, Sell, 0, 2, 101),
        (Ioc, Buy, 4, 5, 102),
        (Limit, Buy, 5, 6, 100),
        (Replace, Sell, 8, 3, 99),
        (Market, Buy, 9, 7, 60_000),
        (Cancel, Buy, 0, 6, 100),
    ];

    private static readonly (ulong Taker, ulong Maker, ulong Price, ulong Quantity)[] Trades =
        [(4, 1, 101, 10), (4, 2, 101, 5), (5, 3, 102, 4), (3, 6, 100, 5), (7, 3, 99, 3)];

    [Theory]
    [InlineData("book")]
    [InlineData("engine")]
    public async Task The_figures_of_a_flow_are_those_of_its_trades(string bench)
    {
        var (code, output, _) = await Run("bench", bench, Write(Flow), "--passes", "1", "--json");
        code.ShouldBe(0);
        var figures = JsonNode.Parse(output)!;
        figures["trades"]!.GetValue<long>().ShouldBe(5);
        figures["volume"]!.GetValue<long>().ShouldBe(27);
        figures["notional"]!.GetValue<long>().ShouldBe(1_010 + 505 + 408 + 500 + 297);
        figures["hash"]!.GetValue<string>().ShouldBe(Hash());
        figures["resting"]!.GetValue<long>().ShouldBe(0);
        figures["ops_per_second"]!.GetValue<long>().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_file_of_something_else_is_refused()
    {
        var path = Path.Combine(_folder.FullName, "other.bin");
        await File.WriteAllTextAsync(path, "Not an order flow at all.", TestContext.Current.CancellationToken);
        var (code, _, error) = await Run("bench", "book", path);
        (code, error.Contains("byte 0", StringComparison.Ordinal)).ShouldBe((2, true), error);
    }

    [Fact]
    public async Task A_file_that_was_cut_off_is_refused()
    {
        var path = Write(Flow);
        var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(path, bytes[..^1], TestContext.Current.CancellationToken);
        var (code, _, error) = await Run("bench", "book", path);
        (code, error.Contains("256 bytes, but the file has 255", StringComparison.Ordinal)).ShouldBe((2, true), error);
    }

    [Theory]
    [InlineData(5, 0, 1u, 1ul, "op is 5")]
    [InlineData(0, 2, 1u, 1ul, "side is 2")]
    [InlineData(0, 0, 0u, 1ul, "quantity is 0")]
    [InlineData(0, 0, 1u, 2ul, "id is 2")]
    public async Task A_record_that_means_nothing_is_refused_with_its_place(byte op, byte side, uint quantity, ulong id, string reason)
    {
        var (code, _, error) = await Run("bench", "book", Write([(op, side, quantity, id, 100)]));
        code.ShouldBe(2);
        error.ShouldContain("record 0");
        error.ShouldContain(reason);
    }

    /// <inheritdoc />
    public void Dispose() => _folder.Delete(recursive: true);

    private static string Hash()
    {
        var hash = 0xcbf29ce484222325;
        foreach (var (taker, maker, price, quantity) in Trades)
        foreach (var value in new[] { taker, maker, price, quantity })
            hash = unchecked((hash ^ value) * 0x100000001b3);
        return hash.ToString("x16", CultureInfo.InvariantCulture);
    }

    private string Write((byte Op, byte Side, uint Quantity, ulong Id, int Price)[] records)
    {
        var path = Path.Combine(_folder.FullName, "flow.bin");
        using var write = new BinaryWriter(File.Create(path));
        write.Write("MSTRM01\0"u8);
        write.Write((ulong)records.Length);
        foreach (var (op, side, quantity, id, price) in records)
        {
            write.Write(op);
            write.Write(side);
            write.Write((ushort)0);
            write.Write(quantity);
            write.Write(id);
            write.Write(price);
            write.Write(0u);
        }
        return path;
    }

    private static async Task<(int Code, string Output, string Error)> Run(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await Program.Contents().Run(args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
