using System.Diagnostics;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

/// <summary>The program as people run it: what it prints, where, and how it ends.</summary>
public sealed class CommandLineTests : IDisposable
{
    const string Problem = """
        { "version": 1, "slot_minutes": 60, "slots": 24, "markets": ["H100-SXM-80GB.us"],
          "offers": [ {"id": "o1", "market": 0, "gpus": 8, "from": 0, "to": 24, "reserve": 1850000, "min_run": 1} ],
          "bids": [ {"id": "d1", "kind": "divisible", "markets": [0], "gpus": 16, "from": 2, "to": 8, "limit": 2400000},
                    {"id": "b1", "kind": "block", "markets": [0], "gpus": 8, "run": 6, "from": 2, "to": 14, "limit": 2300000} ] }
        """;

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cx-tests-");

    /// <summary>The checkout.</summary>
    public static string Root
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "Directory.Packages.props"))) return folder.FullName;
            }
            throw new UnreachableException("The tests run outside a checkout.");
        }
    }

    [Fact]
    public async Task A_solved_problem_verifies_and_a_changed_price_does_not()
    {
        await File.WriteAllTextAsync(In("problem.json"), Problem, TestContext.Current.CancellationToken);
        (await Run("auction", "solve", In("problem.json"), "-o", In("solution.json"))).Code.ShouldBe(0);
        var valid = await Run("auction", "verify", In("problem.json"), In("solution.json"));
        (valid.Code, valid.Output.Trim()).ShouldBe((0, "valid"));

        var solution = await File.ReadAllTextAsync(In("solution.json"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(In("solution.json"), solution.Replace("2400000", "2400001", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var broken = await Run("auction", "verify", In("problem.json"), In("solution.json"));
        broken.Code.ShouldBe(1);
        broken.Output.ShouldContain("bid d1");
        broken.Output.ShouldContain("rule 3");
    }

    [Fact]
    public async Task A_file_that_does_not_read_is_refused_with_its_place()
    {
        await File.WriteAllTextAsync(In("problem.json"), Problem.Replace("\"limit\": 2400000", "\"limit\": -1", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        var refused = await Run("auction", "solve", In("problem.json"), "-o", In("solution.json"));
        refused.Code.ShouldBe(2);
        refused.Error.ShouldContain("bids[0].limit");
        File.Exists(In("solution.json")).ShouldBeFalse();
        (await Run("auction", "verify", In("nothing.json"), In("nothing.json"))).Code.ShouldBe(2);
    }

    [Theory]
    [InlineData("--gpus", "bid", "H100-SXM-80GB.us", "--gpus", "many", "--from", "now", "--hours", "2", "--limit", "2")]
    [InlineData("market", "bid")]
    [InlineData("--limit", "bid", "H100-SXM-80GB.us", "--gpus", "1", "--from", "2026-03-01T00:00Z", "--hours", "2", "--limit", "2.0000001")]
    [InlineData("--hours", "bid", "H100-SXM-80GB.us", "--gpus", "1", "--from", "2026-03-01T00:00Z", "--hours", "0", "--limit", "2")]
    [InlineData("--request-id", "bid", "H100-SXM-80GB.us", "--gpus", "1", "--from", "2026-03-01T00:00Z", "--hours", "2", "--limit", "2", "--request-id", "7")]
    [InlineData("--hours", "bid", "H100-SXM-80GB.us", "--gpus", "1", "--from", "now", "--limit", "2", "--run", "3")]
    [InlineData("--run", "bid", "H100-SXM-80GB.us", "--gpus", "1", "--from", "now", "--hours", "9", "--limit", "2", "--run", "three")]
    [InlineData("--parent", "bid", "H100-SXM-80GB.us", "--gpus", "1", "--from", "now", "--hours", "9", "--limit", "2", "--parent", "mine")]
    [InlineData("--limit", "bid", "standing", "H100-SXM-80GB.us", "--gpus", "1")]
    [InlineData("market", "bid", "standing", "--gpus", "1", "--limit", "2")]
    [InlineData("--hours", "bid", "standing", "H100-SXM-80GB.us", "--gpus", "1", "--limit", "2", "--from", "2026-03-01T00:00Z", "--hours", "none")]
    [InlineData("--node", "bid", "standing", "H100-SXM-80GB.us", "--gpus", "1", "--limit", "2", "--node", "8")]
    [InlineData("--reserve", "offer", "resale", "7", "--gpus", "1", "--from", "2026-03-01T00:00Z", "--hours", "2")]
    [InlineData("lease", "offer", "resale", "mine", "--gpus", "1", "--from", "2026-03-01T00:00Z", "--hours", "2", "--reserve", "2")]
    [InlineData("--reserve", "offers", "place", "01920000-0000-7000-8000-000000000001", "--gpus", "1", "--from", "2026-03-01T00:00Z", "--hours", "2")]
    [InlineData("--slot-reserves", "offers", "place", "01920000-0000-7000-8000-000000000001", "--gpus", "1", "--from", "2026-03-01T00:00Z", "--hours", "2", "--slot-reserves", "1.5,cheap")]
    [InlineData("participant", "deposit", "me", "5")]
    [InlineData("--as", "search", "--as", "../../secret")]
    [InlineData("--address", "search", "--address", "nowhere")]
    [InlineData("id", "bid", "show", "five")]
    [InlineData("--state", "bids", "--state", "happy")]
    [InlineData("--speed", "demo", "--speed", "0")]
    [InlineData("--run-every", "demo", "--run-every", "1441")]
    [InlineData("--for", "demo", "--for", "soon")]
    [InlineData("lots", "order", "buy", "CX-H100", "many", "--price", "2500")]
    [InlineData("order", "order", "cancel", "mine")]
    [InlineData("--reason", "trade", "bust", "7")]
    [InlineData("--reference", "instrument", "define", "CX-H100")]
    [InlineData("--tick-value", "instrument", "define", "CX-H100", "--reference", "2500", "--tick-value", "free")]
    [InlineData("--side", "order", "cancel-all", "--side", "up")]
    [InlineData("nosuch", "nosuch")]
    public async Task Wrong_input_is_a_sentence_with_its_field_on_the_error_stream(string field, params string[] words)
    {
        var refused = await Run(words);
        refused.Code.ShouldBe(1);
        refused.Output.ShouldBeEmpty();
        refused.Error.ShouldContain(field);
        refused.Error.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task An_exchange_that_is_not_there_is_said_with_what_to_do()
    {
        var refused = await Run("markets", "--address", "http://127.0.0.1:1");
        refused.Code.ShouldBe(1);
        refused.Error.ShouldContain("deploy/run");
        refused.Error.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task A_demo_without_an_exchange_says_so_at_once()
    {
        var refused = await Run("demo", "--address", "http://127.0.0.1:1");
        refused.Code.ShouldBe(1);
        refused.Error.ShouldContain("deploy/run");
        refused.Error.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task A_replay_takes_json_for_the_day_that_is_named()
    {
        var scenario = Path.Combine(Root, "deploy", "scenario");
        await File.WriteAllTextAsync(In("offers.json"), """
            [{"machine_id": 1, "host_id": 10, "gpu_name": "H100 SXM", "gpu_ram": 81559, "num_gpus": 8, "dph_base": 16, "min_bid": 12, "geolocation": "Texas, US", "rentable": true}]
            """, TestContext.Current.CancellationToken);
        string[] words =
        [
            "replay", "--offers", In("offers.json"), "--requests", Path.Combine(scenario, "requests.csv"),
            "--tokens-per-gpu", Path.Combine(scenario, "tokens_per_gpu.csv"), "--token-prices", Path.Combine(scenario, "token_prices.csv"),
            "--model", "llama3.1-8b", "--plan", In("plan.txt"),
        ];
        (await Run([.. words, "--snapshot-day", "2026-03-05"])).Code.ShouldBe(0);
        (await File.ReadAllTextAsync(In("plan.txt"), TestContext.Current.CancellationToken)).ShouldContain("2026-03-05T00:00Z");
        (await Run([.. words, "--start", "2026-03-07T00:00Z"])).Code.ShouldBe(0);
        (await File.ReadAllTextAsync(In("plan.txt"), TestContext.Current.CancellationToken)).ShouldContain("2026-03-07T00:00Z");
        var refused = await Run([.. words, "--snapshot-day", "yesterday"]);
        (refused.Code, refused.Error.Trim()).ShouldBe((1, "--snapshot-day: \"yesterday\" is not a day: write for example 2026-03-01."));
    }

    [Fact]
    public async Task A_replays_plan_is_written_without_an_exchange_and_repeats()
    {
        var scenario = Path.Combine(Root, "deploy", "scenario");
        string[] words =
        [
            "replay", "--offers", Path.Combine(scenario, "offers.csv"), "--requests", Path.Combine(scenario, "requests.csv"),
            "--tokens-per-gpu", Path.Combine(scenario, "tokens_per_gpu.csv"), "--token-prices", Path.Combine(scenario, "token_prices.csv"),
            "--model", "llama3.1-8b", "--plan",
        ];
        (await Run([.. words, In("one.txt")])).Code.ShouldBe(0);
        (await Run([.. words, In("two.txt")])).Code.ShouldBe(0);
        var one = await File.ReadAllBytesAsync(In("one.txt"), TestContext.Current.CancellationToken);
        one.ShouldBe(await File.ReadAllBytesAsync(In("two.txt"), TestContext.Current.CancellationToken));
        one.Length.ShouldBeGreaterThan(10_000);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    string In(string file) => Path.Combine(_folder.FullName, file);

    async Task<(int Code, string Output, string Error)> Run(params string[] words)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await Program.Contents().Run([.. words, "--data", _folder.FullName], output, error);
        return (code, output.ToString(), error.ToString());
    }
}
