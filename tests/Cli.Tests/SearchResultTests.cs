using System.Text;
using ComputeExchange.Cli.Replay.Files;
using ComputeExchange.Cli.Replay.Plan;
using ComputeExchange.Cli.Words;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public class SearchResultTests
{
    /// <summary>Two offers with the fields of a real answer, most of which a replay has no use for.</summary>
    const string Sample = """
        [
         {
          "ask_contract_id": 31500061, "bundle_id": 992011, "bw_nvlink": 478.1, "compute_cap": 900, "cpu_arch": "amd64", "cuda_max_good": 12.8,
          "direct_port_count": 499, "discount_rate": null, "dlperf": 620.5, "dlperf_per_dphtotal": 48.4, "dph_base": 12.8, "dph_total": 12.8111,
          "dph_total_adj": 12.8111, "duration": 2419200.5, "end_date": 1774900000.0, "external": null, "geolocation": "Texas, US", "geolocode": 7,
          "gpu_arch": "nvidia", "gpu_frac": 1.0, "gpu_ids": [1, 2], "gpu_name": "H100 SXM", "gpu_ram": 81559, "gpu_total_ram": 652472,
          "host_id": 10, "hosting_type": 1, "id": 31500061, "inet_down": 7000.1, "is_bid": false, "logo": "/static/logo.png", "machine_id": 1,
          "min_bid": 8.0, "num_gpus": 8, "reliability": 0.99, "reliability2": 0.99, "rentable": true, "rented": false, "score": 391.2,
          "search": {"gpuCostPerHour": 12.8, "diskHour": 0.0111, "totalHour": 12.8111}, "start_date": 1772200000.1, "static_ip": true,
          "storage_cost": 0.15, "time_remaining": "", "verification": "verified", "vericode": 1, "webpage": null
         },
         {
          "dph_base": 8, "dph_total": 8.01, "geolocation": "Sweden, SE", "gpu_frac": 0.5, "gpu_name": "H100 SXM", "gpu_ram": 81559, "host_id": 20,
          "id": 31500062, "is_bid": false, "machine_id": 2, "min_bid": 6.0, "num_gpus": 4, "reliability2": 0.95, "rentable": true, "rented": false
         }
        ]
        """;

    static readonly DateOnly Day = new(2026, 2, 27);

    [Fact]
    public void The_same_machines_as_json_and_as_csv_make_the_same_plan()
    {
        var csv = TestFiles.Offers(
            "2026-02-27T12:00:00Z,1,10,H100 SXM,8,81559,12.8,8,0.99,\"Texas, US\"",
            "2026-02-27T12:00:00Z,2,20,H100 SXM,4,81559,8,6,0.95,\"Sweden, SE\"");
        Commands(Read(Sample)).ShouldBe(Commands(csv));
        Commands(Read($$"""{ "offers": {{Sample}} }""")).ShouldBe(Commands(csv));
    }

    [Fact]
    public void A_snapshot_is_of_the_day_that_was_named_and_several_are_several_days()
    {
        var dearer = Sample.Replace("\"dph_base\": 12.8", "\"dph_base\": 13.6", StringComparison.Ordinal);
        var file = OffersFile.Read([new("a.json", Bytes(Sample), Day), new("b.json", Bytes(dearer), Day.AddDays(1))], 1_000, 50_000_000);
        file.Snapshots.Select(day => (day.Day, day.Machines[0].Ask.MicrosPerGpuHour)).ShouldBe([(Day, 1_600_000), (Day.AddDays(1), 1_700_000)]);
        file.RowCount.ShouldBe(4);
    }

    [Theory]
    [InlineData("\"machine_id\": 1,", "", "machine_id is missing")]
    [InlineData("\"host_id\": 10,", "\"host_id\": null,", "host_id is missing")]
    [InlineData("\"gpu_name\": \"H100 SXM\", \"gpu_ram\": 81559, \"gpu_total", "\"gpu_name\": \"Voodoo 2\", \"gpu_ram\": 81559, \"gpu_total", "gpu_name is not a known GPU")]
    [InlineData("\"num_gpus\": 8", "\"num_gpus\": 1.5", "num_gpus is not from 1 to 64")]
    [InlineData("\"dph_base\": 12.8", "\"dph_base\": \"cheap\"", "dph_base is missing or not a number")]
    [InlineData("\"dph_base\": 12.8", "\"dph_base\": 0", "dph_base is not above 0")]
    [InlineData("\"min_bid\": 8.0", "\"min_bid\": null", "min_bid is missing or not a number")]
    [InlineData("\"Texas, US\"", "null", "geolocation names no known country")]
    [InlineData("\"rentable\": true, \"rented\": false, \"score\"", "\"rentable\": false, \"rented\": true, \"score\"", "rentable is false: it is not for sale")]
    [InlineData("\"is_bid\": false, \"logo\"", "\"is_bid\": true, \"logo\"", "is_bid is true: its price is that of interruptible use, not an ask")]
    public void A_bad_offer_is_skipped_and_counted_by_its_reason(string was, string now, string reason)
    {
        Sample.ShouldContain(was);
        var file = Read(Sample.Replace(was, now, StringComparison.Ordinal));
        file.Skipped.ByReason.ShouldBe(new Dictionary<string, int> { [reason] = 1 });
        file.Snapshots.ShouldHaveSingleItem().Machines.ShouldHaveSingleItem().MachineId.ShouldBe("2");
    }

    [Fact]
    public void What_is_no_offer_at_all_is_counted_and_the_rest_is_read()
    {
        var file = Read(Sample.Insert(1, "null, 7,"));
        file.Skipped.ByReason.ShouldBe(new Dictionary<string, int> { ["an entry of the list is not an offer"] = 2 });
        file.Snapshots[0].Machines.Count.ShouldBe(2);
    }

    [Fact]
    public void The_score_has_two_names() =>
        Read(Sample.Replace("\"reliability2\": 0.95", "\"reliability\": 0.95", StringComparison.Ordinal)).Snapshots[0].Machines[1].ReliabilityPpm.ShouldBe(950_000);

    [Theory]
    [InlineData("[\n {\"machine_id\": 1,\n  \"host_id\": }\n]", "line 3, column 14")]
    [InlineData("[{\"machine_id\": 1", "line 1")]
    [InlineData("{\"error\": true, \"msg\": \"Please wait\"}", "no list of offers")]
    [InlineData("{\"offers\": 7}", "no list of offers")]
    public void What_is_not_json_or_no_list_of_offers_is_refused_with_its_place(string text, string place)
    {
        var fault = Should.Throw<InputException>(() => Read(text));
        fault.Message.ShouldStartWith("offers.json: ");
        fault.Message.ShouldContain(place);
        fault.ExitCode.ShouldBe(2);
    }

    [Theory]
    [InlineData("  \r\n\t[", true)]
    [InlineData("\uFEFF{", true)]
    [InlineData("collected_utc,machine_id\n", false)]
    [InlineData("", false)]
    public void Json_is_told_by_its_first_character(string text, bool expected) => SearchResult.Looks(Bytes(text)).ShouldBe(expected);

    static OffersFile Read(string json) => OffersFile.Read("offers.json", Bytes(json), 1_000, 50_000_000, Day);

    /// <summary>All that is sent, but for the ids and the order of what is sent at once, which follow from the files' bytes.</summary>
    static List<string> Commands(OffersFile offers) =>
    [
        .. Planner.Make(TestFiles.Small with { Offers = offers }, new PlanOptions("llama3.1-8b", 1, 1), ExchangeTerms.Default).ToText()
            .Split('\n').Where(line => !line.StartsWith("replay ", StringComparison.Ordinal))
            .Select(line => line.Length > 0 && char.IsAsciiDigit(line[0]) ? string.Join(' ', line.Split(' ').Where((_, i) => i != 1)) : line)
            .Select(line => line.Contains("cancels", StringComparison.Ordinal) ? line[..line.IndexOf("cancels", StringComparison.Ordinal)] : line)
            .Order(StringComparer.Ordinal),
    ];

    static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
