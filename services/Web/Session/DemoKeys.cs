using System.Net;
using ComputeExchange.Hosting;

namespace ComputeExchange.Web.Session;

/// <summary>The keys of a demo on this machine, usable by name, so that a newcomer can act as anyone in it.</summary>
/// <remarks>Only where a folder is named, the clock is simulated and the console listens on the loopback: never where money is real.</remarks>
public sealed class DemoKeys(ServiceOptions options)
{
    private readonly string? _folder =
        options is { DemoKeys: { } folder, Simulated: true } && IPAddress.TryParse(options.Listen.Host, out var at) && IPAddress.IsLoopback(at) ? folder : null;

    /// <summary>Whose key may be used; empty where this is no demo.</summary>
    public IReadOnlyList<string> Names => _folder is null || !Directory.Exists(_folder)
        ? []
        : [.. Directory.EnumerateFiles(_folder).Select(Path.GetFileName).OfType<string>().Where(IsName).Order(StringComparer.Ordinal)];

    /// <summary>The key of a name; null if there is none.</summary>
    public string? KeyOf(string name)
    {
        if (_folder is null || !IsName(name)) return null;
        var file = Path.Combine(_folder, name);
        return File.Exists(file) ? File.ReadLines(file).FirstOrDefault()?.Trim() : null;
    }

    private static bool IsName(string name) => name.Length is > 0 and <= 60 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');
}
