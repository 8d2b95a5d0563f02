using ComputeExchange.Agent.Identity;
using ComputeExchange.Agent.Records;
using ComputeExchange.Agent.State;
using ComputeExchange.ProviderRegistry.V1;
using Shouldly;
using Xunit;

namespace ComputeExchange.Agent.Tests.Rules;

public sealed class RecordSpoolTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cx-spool-");
    private readonly StateFolder _state;
    private readonly NodeKey _key;

    public RecordSpoolTests()
    {
        _state = StateFolder.Open(_folder.FullName);
        _key = NodeKey.OpenOrMake(_state);
    }

    [Fact]
    public void What_was_not_acknowledged_is_there_after_a_restart()
    {
        using (var spool = Open())
        {
            for (var number = 1; number <= 5; number++) spool.Append(Reading(number));
            spool.Keep(2);
        }
        using var again = Open();
        again.Agree(2).ShouldBeTrue();

        again.Waiting().Select(record => (record.Number, record.Meter.HealthyGpuSeconds)).ShouldBe([(3L, 3L), (4, 4), (5, 5)]);
        again.NextNumber.ShouldBe(6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(40)]
    public void A_record_that_a_power_cut_tore_was_never_told_and_its_number_is_used_again(int torn)
    {
        using (var spool = Open())
            for (var number = 1; number <= 3; number++) spool.Append(Reading(number));
        using (var file = new FileStream(_state.RecordsFile, FileMode.Open)) file.SetLength(file.Length - torn);

        using (var again = Open())
        {
            again.Waiting().Select(record => record.Number).ShouldBe([1L, 2]);
            again.Append(Reading(33));
        }
        using var third = Open();
        third.Waiting().Select(record => (record.Number, record.Meter.HealthyGpuSeconds)).ShouldBe([(1L, 1L), (2, 2), (3, 33)]);
    }

    [Fact]
    public void An_exchange_that_remembers_more_or_less_is_followed_without_a_gap()
    {
        using var spool = Open();
        spool.Append(Reading(1));
        spool.Append(Reading(2));

        spool.Agree(7).ShouldBeFalse();
        spool.Append(Reading(3));
        spool.Waiting().Single().Number.ShouldBe(8);

        spool.Agree(4).ShouldBeFalse();
        spool.Waiting().Single().ShouldSatisfyAllConditions(record => record.Number.ShouldBe(5), record => record.Meter.HealthyGpuSeconds.ShouldBe(3));
    }

    [Fact]
    public void The_file_does_not_grow_for_ever()
    {
        using (var spool = Open())
        {
            for (var number = 1; number <= 2_000; number++)
            {
                spool.Append(Reading(number));
                spool.Keep(number);
            }
        }
        new FileInfo(_state.RecordsFile).Length.ShouldBeLessThan(200_000);
        using var again = Open();
        again.NextNumber.ShouldBe(2_001);
    }

    public void Dispose()
    {
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    private RecordSpool Open() => RecordSpool.Open(_state.RecordsFile, _key);

    private static AgentRecord Reading(long seconds) => new() { Meter = new MeterReading { DeliveryId = 1, HealthyGpuSeconds = seconds } };
}
