using System.Net;
using ComputeExchange.Client;
using ComputeExchange.Hosting;
using ComputeExchange.Hosting.Access;
using ComputeExchange.Hosting.Telemetry;
using ComputeExchange.Web.Files;
using ComputeExchange.Web.Health;
using ComputeExchange.Web.Rest;
using ComputeExchange.Web.Session;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace ComputeExchange.Web;

/// <summary>The console: the page, and REST over the public contracts. It keeps no data and has no right of its own.</summary>
public static class WebModule
{
    /// <summary>The console, ready to be started.</summary>
    public static WebApplication Build(ServiceOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(WebModule).Assembly.GetName().Name });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Listen(kestrel, options.Listen));
        ExchangeService.Logging(builder.Logging, ServiceNames.Web);
        var services = builder.Services;
        if (options.Door is not null) services.Replace(ServiceDescriptor.Singleton(options.Door));

        Export.Add(services, ServiceNames.Web, options);
        services
            .AddSingleton(options)
            .AddSingleton(new ServiceTokens(options.ServiceKey, ServiceNames.Web))
            .AddSingleton(new ExchangeClient(options.Addresses, _ => null))
            .AddSingleton<SessionCookie>().AddSingleton<Credentials>().AddSingleton<DemoKeys>()
            .AddSingleton<RestDoor>().AddSingleton<SessionRoutes>().AddSingleton<ServicesRoute>()
            .AddSingleton<DocumentFile>().AddSingleton<RailEvents>()
            .ConfigureHttpJsonOptions(json =>
            {
                json.SerializerOptions.PropertyNamingPolicy = Problem.Names.PropertyNamingPolicy;
                json.SerializerOptions.NumberHandling = Problem.Names.NumberHandling;
            })
            .AddOpenApi("v1", openApi => openApi.AddDocumentTransformer<RestOpenApi>())
            .AddResponseCompression(compression => compression.EnableForHttps = false)
            .AddHostFiltering(filter => filter.AllowedHosts = AllowedHosts(options.Listen));

        var app = builder.Build();
        app.UseHostFiltering();
        app.UseResponseCompression();
        app.Use(Guard);
        var watch = new DoorWatch(ServiceNames.Web);
        app.UseWhen(IsQuestion, questions => questions.Use(watch.Answer));
        app.UseRouting();
        app.MapOpenApi("/openapi/{documentName}.json");
        app.Services.GetRequiredService<RestDoor>().Map(app);
        app.Services.GetRequiredService<ServicesRoute>().Map(app);
        app.Services.GetRequiredService<SessionRoutes>().Map(app);
        app.Services.GetRequiredService<DocumentFile>().Map(app);
        app.Services.GetRequiredService<RailEvents>().Map(app);
        foreach (var path in (string[])["/health", $"/health/{ServiceNames.Web}"])
            app.MapGet(path, () => Results.Text("healthy\n")).ExcludeFromDescription();
        app.Map("/v1/{**rest}", context => Problem.Make(Grpc.Core.StatusCode.NotFound, $"There is no {context.Request.Method} {context.Request.Path}; /openapi/v1.json lists what there is.").Answer(context)).ExcludeFromDescription();
        app.UsePage();
        return app;
    }

    private static void Listen(KestrelServerOptions kestrel, Uri listen)
    {
        ExchangeService.Kestrel(kestrel, listen, HttpProtocols.Http1);
        kestrel.Limits.MaxRequestBodySize = 1 << 20;
    }

    /// <summary>On the loopback only its own names: a page from elsewhere cannot pass as this one by pointing a name here.</summary>
    private static IList<string> AllowedHosts(Uri listen) =>
        IPAddress.TryParse(listen.Host, out var address) && IPAddress.IsLoopback(address) || listen.Host == "localhost"
            ? ["localhost", "127.0.0.1", "[::1]"]
            : ["*"];

    /// <summary>What is asked and answered: not the page's files, and not the streams, which have no end.</summary>
    private static bool IsQuestion(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/v1") && !context.Request.Path.StartsWithSegments("/v1/market-data")
        && !context.Request.Path.Value!.EndsWith("/watch", StringComparison.Ordinal);

    private static Task Guard(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        return next(context);
    }
}
