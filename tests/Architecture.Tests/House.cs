using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ComputeExchange.Architecture.Tests;

/// <summary>The repository as it lies on the disk; paths are relative to its top, with slashes.</summary>
public static partial class House
{
    private static readonly string[] NotOurs = ["bin", "obj", "node_modules", "artifacts", "TestResults"];

    /// <summary>The folder that holds the services, the contracts and the tests.</summary>
    public static string Top { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../.."));

    private static readonly Lazy<IReadOnlyList<string>> AllFiles = new(() => [.. Walk(Top, "").Order(StringComparer.Ordinal)]);

    private static readonly Lazy<IReadOnlyList<Project>> AllProjects = new(() =>
        [.. Files("services", "contracts", "tests").Where(path => path.EndsWith(".csproj", StringComparison.Ordinal)).Select(Project.Read)]);

    public static IReadOnlyList<Project> Projects => AllProjects.Value;

    /// <summary>The names of the services: the folders that have a project.</summary>
    public static IReadOnlyList<string> Services { get; } =
        [.. Projects.Where(project => project.Folder == $"services/{project.Name}").Select(project => project.Name)];

    /// <summary>The files below some folders, without what the build makes.</summary>
    public static IEnumerable<string> Files(params string[] folders) =>
        AllFiles.Value.Where(path => folders.Any(folder => path.StartsWith(folder + '/', StringComparison.Ordinal)));

    /// <summary>The C# files below some folders that were written by people: migrations are not.</summary>
    public static IEnumerable<string> Sources(params string[] folders) =>
        Files(folders).Where(path => path.EndsWith(".cs", StringComparison.Ordinal) && !path.Contains("/Migrations/", StringComparison.Ordinal));

    public static string Read(string path) => File.ReadAllText(Path.Combine(Top, path));

    /// <summary>C# without its comments and without what stands in quotes.</summary>
    public static string CodeOnly(string source) => NotCode().Replace(source, found => found.Value.StartsWith('/') ? "" : "\"\"");

    /// <summary>Where a pattern is found in the code of C# files, each with its line.</summary>
    public static IEnumerable<string> Find(Regex pattern, IEnumerable<string> sources) => sources.SelectMany(path =>
        CodeOnly(Read(path)).Split('\n').Where(line => pattern.IsMatch(line)).Select(line => $"{path}: {line.Trim()}"));

    private static IEnumerable<string> Walk(string folder, string path)
    {
        foreach (var file in Directory.EnumerateFiles(folder)) yield return path + Path.GetFileName(file);
        foreach (var inner in Directory.EnumerateDirectories(folder))
        {
            var name = Path.GetFileName(inner);
            if (name[0] == '.' || NotOurs.Contains(name)) continue;
            foreach (var found in Walk(inner, $"{path}{name}/")) yield return found;
        }
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex("""
        //[^\n]*|/\*.*?\*/|\$*\"{3}.*?\"{3}|\$?@\$?"(?:[^"]|"")*"|\$?"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)+'
        """, RegexOptions.Singleline)]
    private static partial Regex NotCode();
}

/// <summary>A project file.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="References">The projects it references, as paths.</param>
/// <param name="Packages">The packages it references.</param>
public sealed record Project(string Path, IReadOnlyList<string> References, IReadOnlyList<string> Packages)
{
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public string Folder => System.IO.Path.GetDirectoryName(Path)!.Replace('\\', '/');

    /// <summary>For a project of a service or one of its libraries, the service; otherwise null.</summary>
    public string? Service => ServiceOf(Path);

    /// <summary>The service that a path below services/ belongs to; null for any other.</summary>
    public static string? ServiceOf(string path) => path.Split('/') is ["services", var service, ..] ? service : null;

    public static Project Read(string path)
    {
        var xml = XDocument.Parse(House.Read(path));
        var folder = System.IO.Path.GetDirectoryName(System.IO.Path.Combine(House.Top, path))!;
        IEnumerable<string> Included(string kind) => xml.Descendants(kind).Select(element => element.Attribute("Include")?.Value).OfType<string>();
        return new Project(
            path,
            [.. Included("ProjectReference").Select(reference => System.IO.Path
                .GetRelativePath(House.Top, System.IO.Path.GetFullPath(System.IO.Path.Combine(folder, reference.Replace('\\', '/')))).Replace('\\', '/'))],
            [.. Included("PackageReference"), .. Included("PackageDownload"), .. Included("Reference")]);
    }
}
