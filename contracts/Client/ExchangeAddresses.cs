namespace ComputeExchange.Client;

/// <summary>Where the services are: one address for all, or one for each.</summary>
/// <param name="Default">The address of every service without its own, for example <c>http://127.0.0.1:5080</c>.</param>
/// <param name="ByService">Addresses of single services, by the names in <see cref="ServiceNames"/>.</param>
public sealed record ExchangeAddresses(Uri Default, IReadOnlyDictionary<string, Uri>? ByService = null)
{
    /// <summary>The address of a service.</summary>
    public Uri Of(string service) =>
        ByService is not null && ByService.TryGetValue(service, out var address) ? address : Default;
}
