namespace ComputeExchange.Client;

/// <summary>Where the services are: one address for all, or one for each, or several for one of which one serves.</summary>
/// <param name="Default">The address of every service without its own, for example <c>http://127.0.0.1:5080</c>.</param>
/// <param name="ByService">Addresses of single services, by the names in <see cref="ServiceNames"/>.</param>
public sealed record ExchangeAddresses(Uri Default, IReadOnlyDictionary<string, Uri>? ByService = null)
{
    /// <summary>Where else a service may be: its standbys. Whoever calls it moves on to the next one that serves.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Uri>> Standbys { get; init; } = new Dictionary<string, IReadOnlyList<Uri>>();

    /// <summary>Addresses as they are written: for each service one, or several with commas between them.</summary>
    /// <exception cref="FormatException">One of them is none; the message names it.</exception>
    public static ExchangeAddresses Parse(Uri orElse, IEnumerable<KeyValuePair<string, string>> written)
    {
        var all = written.ToDictionary(service => service.Key, service => service.Value.Split(',', StringSplitOptions.TrimEntries).Select(text =>
            Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
                ? address
                : throw new FormatException($"{service.Key} has the address '{text}', which is none such as http://127.0.0.1:5080.")).ToList());
        return new ExchangeAddresses(orElse, all.ToDictionary(service => service.Key, service => service.Value[0]))
        {
            Standbys = all.Where(service => service.Value.Count > 1).ToDictionary(service => service.Key, service => (IReadOnlyList<Uri>)service.Value[1..]),
        };
    }

    /// <summary>The address of a service: the first, where there are several.</summary>
    public Uri Of(string service) =>
        ByService is not null && ByService.TryGetValue(service, out var address) ? address : Default;

    /// <summary>Every address of a service, in the order in which they are tried.</summary>
    public IReadOnlyList<Uri> AllOf(string service) => Standbys.TryGetValue(service, out var standbys) ? [Of(service), .. standbys] : [Of(service)];

    /// <summary>The addresses of a service as <see cref="Parse"/> reads them.</summary>
    public string Written(string service) => string.Join(',', AllOf(service));
}
