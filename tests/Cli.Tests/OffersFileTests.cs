using ComputeExchange.Cli.Replay.Files;
using ComputeExchange.Cli.Words;
using Shouldly;
using Xunit;

namespace ComputeExchange.Cli.Tests;

public class OffersFileTests
{
    const string Good = "2026-02-27T15:22:46.407407+00:00,7,70,H100 SXM,2,81559,3.2,2,0.99,\"Texas, US\"";

    [Fact]
    public void A_machine_is_counted_once_by_its_largest_chunk_at_that_chunks_price()
    {
        var file = TestFiles.Offers(
            "2026-02-27T15:22:46Z,7,70,H100 SXM,1,81559,1.7,1.1,0.99,\"Texas, US\"",
            "2026-02-27T15:22:46Z,7,70,H100 SXM,4,81559,6.4,4,0.99,\"Texas, US\"",
            "2026-02-27T15:22:46Z,7,70,H100 SXM,2,81559,3.3,2.1,0.99,\"Texas, US\"");
        file.ChunkCount.ShouldBe(2);
        var machine = file.Snapshots.ShouldHaveSingleItem().Machines.ShouldHaveSingleItem();
        machine.Gpus.ShouldBe(4);
        machine.Ask.MicrosPerGpuHour.ShouldBe(1_600_000);
        machine.Prompt.MicrosPerGpuHour.ShouldBe(1_000_000);
        machine.Market.ShouldBe("H100-SXM-80GB.us");
    }

    [Fact]
    public void Prices_are_of_one_gpu_and_rounded_up_to_the_tick_but_not_by_binary_fractions()
    {
        var file = TestFiles.Offers(
            "2026-02-27T00:00:00Z,1,1,L40S,2,46068,0.1866666,0.0933333,0.9,\"Italy, IT\"",
            "2026-02-27T00:00:00Z,2,1,L40S,1,46068,0.30000000000000004,0.19999999999999998,0.9,\"Italy, IT\"");
        var machines = file.Snapshots[0].Machines;
        machines[0].Ask.MicrosPerGpuHour.ShouldBe(94_000);
        machines[0].Prompt.MicrosPerGpuHour.ShouldBe(47_000);
        machines[1].Ask.MicrosPerGpuHour.ShouldBe(300_000);
        machines[1].Prompt.MicrosPerGpuHour.ShouldBe(200_000);
    }

    [Fact]
    public void A_reserve_above_the_ask_is_taken_to_be_the_ask_and_counted()
    {
        var file = TestFiles.Offers("2026-02-27T00:00:00Z,1,1,L40S,1,46068,0.5,0.6,0.9,\"Italy, IT\"");
        file.MendedReserves.ShouldBe(1);
        file.Skipped.Count.ShouldBe(0);
        file.Snapshots[0].Machines[0].Prompt.ShouldBe(file.Snapshots[0].Machines[0].Ask);
    }

    [Theory]
    [InlineData("yesterday,7,70,H100 SXM,2,81559,3.2,2,0.99,\"Texas, US\"", "collected_utc is not a time")]
    [InlineData("2026-02-27T00:00:00Z,,70,H100 SXM,2,81559,3.2,2,0.99,\"Texas, US\"", "machine_id is missing")]
    [InlineData("2026-02-27T00:00:00Z,7,,H100 SXM,2,81559,3.2,2,0.99,\"Texas, US\"", "host_id is missing")]
    [InlineData("2026-02-27T00:00:00Z,7,70,Voodoo 2,2,81559,3.2,2,0.99,\"Texas, US\"", "gpu_name is not a known GPU")]
    [InlineData("2026-02-27T00:00:00Z,7,70,H100 SXM,2,20000,3.2,2,0.99,\"Texas, US\"", "gpu_ram fits no known form of that GPU")]
    [InlineData("2026-02-27T00:00:00Z,7,70,H100 SXM,2,NaN,3.2,2,0.99,\"Texas, US\"", "gpu_ram fits no known form of that GPU")]
    [InlineData("2026-02-27T00:00:00Z,7,70,H100 SXM,0,81559,3.2,2,0.99,\"Texas, US\"", "num_gpus is not from 1 to 64")]
    [InlineData("2026-02-27T00:00:00Z,7,70,H100 SXM,1.5,81559,3.2,2,0.99,\"Texas, US\"", "num_gpus is not from 1 to 64")]
    [InlineData("2026-02-27T00:00:00Z,7,70,H100 SXM,65,81559,3.2,2,0.99,\"Texas, US\"", "num_gpus is not from 1 to 64")]
    [InlineData("2026-02-27T00:00:00Z,7,70,H100 SXM,2,81559,,2,0.99,\"Texas, US\"", "dph_base is missing or not a number")]
    [InlineData("2026-02-27T00:00:00Z,7,70,H100 SXM,2,81559,NaN,2,0.99,\"Texas, US\"", "dph_base is missing or not a number")]
    [InlineData("2026-02-27T00:00:00Z,7,70,H100 SXM,2,81559,inf,2,0.99,\"Texas, US\"", "dph_base is missing or not a number")]
    [InlineData("2026-02-27T00:00:00Z,7,70,H100 SXM,2,81559,0,0,0.99,\"Texas, US\"", "dph_base is not above 0")]
    [InlineData("2026-02-27T00:00:00Z,7,70,H100 SXM,2,81559,-3,2,0.99,\"Texas, US\"", "dph_base is not above 0")]
    [InlineData("2026-02-27T00:00:00Z,7,70,H100 SXM,2,81559,200,2,0.99,\"Texas, US\"", "dph_base is above the exchange's highest price")]
    [InlineData("2026-02-27T00:00:00Z,7,70,H100 SXM,2,81559,1e27,2,0.99,\"Texas, US\"", "dph_base is above the exchange's highest price")]
    [InlineData("2026-02-27T00:00:00Z,7,70,H100 SXM,2,81559,3.2,none,0.99,\"Texas, US\"", "min_bid is missing or not a number")]
    [InlineData("2026-02-27T00:00:00Z,7,70,H100 SXM,2,81559,3.2,-1,0.99,\"Texas, US\"", "min_bid is below 0")]
    [InlineData("2026-02-27T00:00:00Z,7,70,H100 SXM,2,81559,3.2,2,0.99,Atlantis", "geolocation names no known country")]
    [InlineData("2026-02-27T00:00:00Z,7,70,H100 SXM,2,81559,3.2,2,0.99,", "geolocation names no known country")]
    [InlineData("2026-02-27T00:00:00Z,7", "host_id is missing")]
    public void A_bad_row_is_skipped_and_counted_by_its_reason(string row, string reason)
    {
        var file = TestFiles.Offers(row, Good);
        file.Skipped.ByReason.ShouldBe(new Dictionary<string, int> { [reason] = 1 });
        file.Snapshots.ShouldHaveSingleItem().Machines.ShouldHaveSingleItem().MachineId.ShouldBe("7");
    }

    [Fact]
    public void A_bad_row_of_the_largest_chunk_leaves_the_next_largest()
    {
        var file = TestFiles.Offers("2026-02-27T00:00:00Z,7,70,H100 SXM,4,81559,NaN,2,0.99,\"Texas, US\"", Good);
        file.Snapshots[0].Machines[0].Gpus.ShouldBe(2);
    }

    [Fact]
    public void Days_are_told_apart_and_in_order()
    {
        var file = TestFiles.Offers(
            "2026-02-28T00:00:00Z,7,70,H100 SXM,2,81559,3.4,2,0.99,\"Texas, US\"", Good);
        file.Snapshots.Select(day => day.Day.ToString("yyyy-MM-dd")).ShouldBe(["2026-02-27", "2026-02-28"]);
        file.Snapshots.Select(day => day.Machines[0].Ask.MicrosPerGpuHour).ShouldBe([1_600_000, 1_700_000]);
    }

    [Fact]
    public void A_missing_column_is_named()
    {
        var fault = Should.Throw<InputException>(() => OffersFile.Read("x.csv", "machine_id,host_id\n1,2\n"u8.ToArray(), 1_000, 50_000_000));
        fault.Message.ShouldStartWith("x.csv: has no column \"collected_utc\"");
        fault.ExitCode.ShouldBe(2);
    }

    [Fact]
    public void Columns_may_stand_in_any_order_behind_a_byte_order_mark_and_lines_may_end_as_on_windows()
    {
        var text = "\uFEFFgeolocation,min_bid,dph_base,gpu_ram,num_gpus,gpu_name,host_id,machine_id,collected_utc,extra\r\n\"Texas, US\",2,3.2,81559,2,H100_SXM,70,7,2026-02-27T00:00:00Z,x\r\n";
        OffersFile.Read("x.csv", System.Text.Encoding.UTF8.GetBytes(text), 1_000, 50_000_000)
            .Snapshots[0].Machines[0].Market.ShouldBe("H100-SXM-80GB.us");
    }

    [Theory]
    [InlineData("RTX 4090", 24_564, "RTX4090-24GB")]
    [InlineData("RTX 4090", 23_028, "RTX4090-24GB")]
    [InlineData("RTX 4090", 49_140, "RTX4090-48GB")]
    [InlineData("Tesla V100", 16_384, "V100-16GB")]
    [InlineData("Tesla V100", 32_768, "V100-32GB")]
    [InlineData("A100 PCIE", 40_960, "A100-PCIE-40GB")]
    [InlineData("A100 PCIE", 81_920, "A100-PCIE-80GB")]
    [InlineData("H200", 143_771, "H200-SXM-141GB")]
    [InlineData("H200 NVL", 143_771, "H200-NVL-141GB")]
    [InlineData("L40S", 46_068, "L40S-48GB")]
    public void Memory_tells_the_products_of_one_name_apart(string name, int mib, string expected) =>
        GpuClasses.Table.Find(name, mib)!.Name.ShouldBe(expected);

    [Theory]
    [InlineData("Texas, US", "us")]
    [InlineData(", US", "us")]
    [InlineData("Sweden, SE", "eu")]
    [InlineData("Japan, JP", "ap")]
    [InlineData("Turkey, TR", "me")]
    [InlineData("Brazil, BR", "la")]
    [InlineData("South Africa, ZA", "af")]
    [InlineData("Ontario, CA", "ca")]
    [InlineData("Nowhere, XX", null)]
    [InlineData("", null)]
    public void A_region_is_found_by_the_country_at_the_end(string place, string? region) => Regions.Of(place).ShouldBe(region);
}
