using ComputeExchange.Values.Delivery;
using Shouldly;
using Xunit;

namespace ComputeExchange.Agent.Tests.Hardware;

public class SelfTestNormsTests
{
    private const ulong Seed = 7;
    private const string Uuid = "GPU-1";
    private static readonly ProductClass H100 = ProductClasses.Find("H100-SXM-80GB")!;

    private static readonly GpuTestFigures Good = new()
    {
        GpuIndex = 0,
        Uuid = Uuid,
        MemoryBytes = 80_000L << 20,
        MemoryBytesPerSecond = 3_000_000_000_000,
        OperationsPerSecond = 61_000_000_000_000,
        HostBytesPerSecond = 50_000_000_000,
        Digest = ComputeCheck.Digest(Seed, 80_000L << 20),
    };

    [Fact]
    public void A_GPU_that_does_what_its_class_does_passes()
    {
        var verdict = Judge(Good);

        verdict.Passed.ShouldBeTrue();
        verdict.Remarks.ShouldBeEmpty();
    }

    [Fact]
    public void A_slow_GPU_fails_with_its_figures() =>
        Judge(Good with { MemoryBytesPerSecond = 2_000_000_000_000 }).Failures.ShouldBe(
            [new SelfTestFailure(SelfTestFault.TooSlow, 0, "GPU 0 reads its memory at 2,000 GB/s; of H100-SXM-80GB 2,345 to 3,517 are expected.")]);

    [Fact]
    public void A_GPU_that_is_faster_than_its_class_can_be_is_another() =>
        Fault(Good with { MemoryBytesPerSecond = 4_300_000_000_000 }).ShouldBe(SelfTestFault.TooFast);

    [Fact]
    public void Computing_too_slowly_fails() => Fault(Good with { OperationsPerSecond = 39_000_000_000_000 }).ShouldBe(SelfTestFault.TooSlow);

    [Fact]
    public void Computing_too_fast_fails() => Fault(Good with { OperationsPerSecond = 91_000_000_000_000 }).ShouldBe(SelfTestFault.TooFast);

    [Fact]
    public void Memory_that_is_missing_fails() =>
        Fault(Good with { MemoryBytes = 70_000L << 20, Digest = ComputeCheck.Digest(Seed, 70_000L << 20) }).ShouldBe(SelfTestFault.MemoryShort);

    [Fact]
    public void A_wrong_digest_fails() => Fault(Good with { Digest = ComputeCheck.Digest(Seed + 1, 80_000L << 20) }).ShouldBe(SelfTestFault.WrongDigest);

    [Fact]
    public void More_memory_claimed_than_the_digest_covers_fails() => Fault(Good with { MemoryBytes = Good.MemoryBytes + 8 }).ShouldBe(SelfTestFault.WrongDigest);

    [Fact]
    public void Figures_that_make_no_sense_fail_and_break_nothing() =>
        Judge(new GpuTestFigures { GpuIndex = -5, Uuid = Uuid, MemoryBytes = long.MinValue, MemoryBytesPerSecond = long.MinValue, OperationsPerSecond = long.MaxValue })
            .Failures.Select(failure => failure.Fault).ShouldBe([SelfTestFault.WrongDigest, SelfTestFault.MemoryShort, SelfTestFault.TooSlow, SelfTestFault.TooFast]);

    [Fact]
    public void A_GPU_that_could_not_be_tested_fails_once() =>
        Judge(Good with { Failure = "cuMemAlloc: out of memory", Digest = "" }).Failures.ShouldHaveSingleItem().Fault.ShouldBe(SelfTestFault.GpuNotTested);

    [Fact]
    public void A_GPU_that_was_asked_for_and_is_not_in_the_report_fails()
    {
        var verdict = SelfTestNorms.Judge(H100, new SelfTestReport { TestId = "", Gpus = [Good] }, Seed, [Uuid, "GPU-2"]);

        verdict.Failures.ShouldHaveSingleItem().Sentence.ShouldContain("GPU-2");
    }

    [Fact]
    public void A_narrow_link_and_a_slow_disk_are_worth_knowing_and_fail_nothing()
    {
        var report = new SelfTestReport { TestId = "", Gpus = [Good with { HostBytesPerSecond = 800_000_000 }], DiskWriteBytesPerSecond = 50_000_000 };

        var verdict = SelfTestNorms.Judge(H100, report, Seed, [Uuid]);

        verdict.Passed.ShouldBeTrue();
        verdict.Remarks.Count.ShouldBe(2);
    }

    private static SelfTestFault Fault(GpuTestFigures gpu) => Judge(gpu).Failures.ShouldHaveSingleItem().Fault;

    private static SelfTestVerdict Judge(GpuTestFigures gpu) => SelfTestNorms.Judge(H100, new SelfTestReport { TestId = "", Gpus = [gpu] }, Seed, [Uuid]);
}
