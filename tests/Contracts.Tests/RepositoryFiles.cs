using System.Runtime.CompilerServices;

namespace ComputeExchange.Contracts.Tests;

/// <summary>The files these tests are about, where they were when this was compiled.</summary>
public static class RepositoryFiles
{
    /// <summary>The folder that holds the services, the contracts and the tests.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../.."));

    public static string In(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
