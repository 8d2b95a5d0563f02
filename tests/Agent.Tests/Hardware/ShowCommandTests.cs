using System.Text.Json;
using Shouldly;
using Xunit;

namespace ComputeExchange.Agent.Tests.Hardware;

public class ShowCommandTests
{
    [Fact]
    public void Show_prints_what_is_there_and_the_class_that_it_would_be_sold_in()
    {
        using var driver = FakeDriver.With(FakeDriver.EightH100 + "\ngpu 7 error 15");

        var (code, output, _) = Run("show", "--nvml-library", driver.Nvml);

        code.ShouldBe(0);
        output.ShouldContain("Class   H100-SXM-80GB");
        output.ShouldContain("GPU-00000000-0000-4000-8000-000000000001");
        output.ShouldContain("71/700 W");
        output.ShouldContain("! GPU 7: GPU is lost");
        output.ShouldNotContain("SIMULATED");
    }

    [Fact]
    public void Show_as_JSON_holds_the_same()
    {
        using var driver = FakeDriver.With(FakeDriver.EightH100 + "\ngpu 0 name Tesla T4");

        var (code, output, _) = Run("show", "--json", "--nvml-library", driver.Nvml);

        code.ShouldBe(0);
        using var document = JsonDocument.Parse(output);
        var root = document.RootElement;
        root.GetProperty("product_class").GetString().ShouldBe("");
        root.GetProperty("reason").GetString().ShouldStartWith("GPU 0: 'Tesla T4' is not among");
        root.GetProperty("inventory").GetProperty("gpus").GetArrayLength().ShouldBe(8);
        root.GetProperty("inventory").GetProperty("gpus")[1].GetProperty("memory_bytes").GetInt64().ShouldBe(85_520_809_984);
        root.GetProperty("samples")[1].GetProperty("temperature_celsius").GetInt32().ShouldBe(31);
    }

    [Fact]
    public void A_simulated_node_says_so_first()
    {
        var (code, output, _) = Run("show", "--inventory", Path.Combine(AppContext.BaseDirectory, "examples", "simulated-8x-h100.json"));

        code.ShouldBe(0);
        output.ShouldStartWith("SIMULATED");
    }

    [Fact]
    public void Without_a_driver_show_says_what_is_missing_and_fails()
    {
        var (code, output, error) = Run("show", "--nvml-library", "/nowhere/libnvidia-ml.so.1");

        code.ShouldBe(1);
        output.ShouldBeEmpty();
        error.ShouldContain("install the NVIDIA driver");
    }

    private static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = Program.Contents().Parse(arguments).Invoke(new() { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
