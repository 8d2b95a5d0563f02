using ComputeExchange.Values.Delivery;
using Shouldly;
using Xunit;

namespace ComputeExchange.Agent.Tests.Hardware;

public class ProductClassesTests
{
    [Theory]
    [InlineData("NVIDIA H100 80GB HBM3", 81_559, "233010DE", "H100-SXM-80GB")]
    [InlineData("NVIDIA H100 PCIe", 81_559, "233110DE", "H100-PCIE-80GB")]
    [InlineData("NVIDIA H200", 143_771, "233510DE", "H200-SXM-141GB")]
    [InlineData("NVIDIA B200", 183_359, "290110DE", "B200-SXM-180GB")]
    [InlineData("NVIDIA A100-SXM4-80GB", 81_920, "20b210de", "A100-SXM-80GB")]
    [InlineData("NVIDIA L40S", 46_068, "26B910DE", "L40S-48GB")]
    [InlineData("NVIDIA GeForce RTX 4090", 24_564, "268410DE", "RTX4090-24GB")]
    [InlineData("NVIDIA L40S", 49_140, "", "L40S-48GB")]
    public void A_GPU_is_of_the_class_that_its_driver_reports(string name, long mib, string device, string expected) =>
        ProductClasses.Of(new ReportedGpu(name, mib << 20, device, false)).ShouldBe(new ClassDecision(ProductClasses.Find(expected), ""));

    [Theory]
    [InlineData("Tesla T4", 15_360, "1EB810DE", "not among the GPUs that are traded")]
    [InlineData("NVIDIA H100 NVL", 95_830, "232110DE", "of a form that is not traded")]
    [InlineData("NVIDIA H200 NVL", 143_771, "233B10DE", "of a form that is not traded")]
    [InlineData("NVIDIA A100-PCIE-40GB", 40_960, "20F110DE", "of a form that is not traded")]
    [InlineData("NVIDIA GeForce RTX 4090 Laptop GPU", 16_376, "275710DE", "not among the GPUs that are traded")]
    [InlineData("NVIDIA GeForce RTX 4090 D", 24_564, "268510DE", "not among the GPUs that are traded")]
    [InlineData("NVIDIA GH200 480GB", 97_871, "234210DE", "not among the GPUs that are traded")]
    [InlineData("GRID A100D-80C", 81_920, "20B510DE", "not among the GPUs that are traded")]
    [InlineData("", 0, "", "not among the GPUs that are traded")]
    public void A_GPU_that_is_not_traded_has_no_class_and_a_reason(string name, long mib, string device, string reason)
    {
        var decision = ProductClasses.Of(new ReportedGpu(name, mib << 20, device, false));

        decision.Class.ShouldBeNull();
        decision.Reason.ShouldContain(reason);
        decision.IsMismatch.ShouldBeFalse();
    }

    [Theory]
    [InlineData("NVIDIA A100-SXM4-40GB", 40_960, "20B010DE", "40,960 MiB")]
    [InlineData("NVIDIA H100 80GB HBM3", 24_564, "233010DE", "24,564 MiB")]
    [InlineData("NVIDIA H100 80GB HBM3", 81_559, "268410DE", "is PCI device 268410DE")]
    [InlineData("NVIDIA H100 80GB HBM3", 81_559, "2330FFFF", "is PCI device 2330FFFF")]
    public void A_GPU_whose_name_does_not_fit_what_it_is_has_no_class(string name, long mib, string device, string reason)
    {
        var decision = ProductClasses.Of(new ReportedGpu(name, mib << 20, device, false));

        decision.Class.ShouldBeNull();
        decision.IsMismatch.ShouldBeTrue();
        decision.Reason.ShouldContain(reason);
    }

    [Fact]
    public void A_split_GPU_is_not_sold()
    {
        var decision = ProductClasses.Of(new ReportedGpu("NVIDIA H100 80GB HBM3", 81_559L << 20, "233010DE", true));

        decision.Class.ShouldBeNull();
        decision.Reason.ShouldContain("nvidia-smi -mig 0");
    }

    [Fact]
    public void A_node_has_the_class_that_all_its_GPUs_have()
    {
        var sxm = new ReportedGpu("NVIDIA H100 80GB HBM3", 81_559L << 20, "233010DE", false);
        var pcie = new ReportedGpu("NVIDIA H100 PCIe", 81_559L << 20, "233110DE", false);

        ProductClasses.OfNode([sxm, sxm]).Class!.Name.ShouldBe("H100-SXM-80GB");
        ProductClasses.OfNode([sxm, sxm, pcie]).Reason.ShouldBe("GPU 0 is H100-SXM-80GB and GPU 2 is H100-PCIE-80GB: a node is sold in one class; enrol them as nodes of their own.");
        ProductClasses.OfNode([sxm, sxm with { IsMig = true }]).Reason.ShouldStartWith("GPU 1: ");
        ProductClasses.OfNode([]).Reason.ShouldBe("The node reports no GPU.");
    }
}
