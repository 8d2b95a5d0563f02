using System.Diagnostics;
using ComputeExchange.Agent.Hardware;

namespace ComputeExchange.Agent.Tests.Hardware;

/// <summary>NVIDIA's libraries as FakeGpu/*.c makes them up, in a folder of their own, playing a script that may change.</summary>
public sealed class FakeDriver : IDisposable
{
    /// <summary>Eight H100 on switches, as an HGX board reports them.</summary>
    public const string EightH100 = """
        driver 550.54.15
        cuda 12040
        gpus 8
        all name NVIDIA H100 80GB HBM3
        all memory 85520809984
        all device 233010de
        all limit 700000
        all power 71500
        all temperature 31
        all links 18
        all switch 1
        """;

    private static readonly Lazy<string> Compiled = new(Compile);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cx-fake-gpu-");

    private FakeDriver(string script, bool isOld)
    {
        // A library is loaded once for each path: a copy has a life of its own.
        File.Copy(Path.Combine(Compiled.Value, isOld ? "old-nvml.so" : "nvml.so"), Nvml);
        File.Copy(Path.Combine(Compiled.Value, "cuda.so"), Cuda);
        Play(script);
    }

    public string Nvml => Path.Combine(_folder.FullName, "nvml.so");

    public string Cuda => Path.Combine(_folder.FullName, "cuda.so");

    public string WorkFolder => Path.Combine(_folder.FullName, "work");

    public HardwareSettings Settings => new()
    {
        NvmlLibrary = Nvml,
        CudaLibrary = Cuda,
        WorkFolder = WorkFolder,
        Program = Path.Combine(AppContext.BaseDirectory, "cx-agent"),
    };

    public static FakeDriver With(string script) => new(script, isOld: false);

    /// <summary>One that lacks what drivers of 2020 lacked.</summary>
    public static FakeDriver OldWith(string script) => new(script, isOld: true);

    /// <summary>From now on the driver reports this.</summary>
    public void Play(string script)
    {
        foreach (var library in (string[])[Nvml, Cuda])
        {
            // Never half a script: it is read while programs run.
            File.WriteAllText(library + ".new", script + "\n");
            File.Move(library + ".new", library + ".txt", overwrite: true);
        }
    }

    public IHardware Open() => HostHardware.Open(Settings);

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Compile()
    {
        var sources = Path.Combine(AppContext.BaseDirectory, "FakeGpu");
        var folder = Directory.CreateTempSubdirectory("cx-fake-gpu-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        Cc(sources, "nvml.c", Path.Combine(folder, "nvml.so"));
        Cc(sources, "nvml.c", Path.Combine(folder, "old-nvml.so"), "-DOLD_DRIVER");
        Cc(sources, "cuda.c", Path.Combine(folder, "cuda.so"));
        return folder;
    }

    private static void Cc(string folder, string source, string library, params string[] flags)
    {
        var start = new ProcessStartInfo("cc") { WorkingDirectory = folder, RedirectStandardError = true };
        foreach (var argument in (string[])["-shared", "-fPIC", "-O2", "-o", library, .. flags, source, "-lm", "-ldl"]) start.ArgumentList.Add(argument);
        using var compiler = Process.Start(start)!;
        var error = compiler.StandardError.ReadToEnd();
        compiler.WaitForExit();
        if (compiler.ExitCode != 0) throw new InvalidOperationException($"cc {source}: {error}");
    }
}
