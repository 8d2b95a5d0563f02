using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace ComputeExchange.Web;

/// <summary>The page itself: what its build left in <c>wwwroot</c> beside the program, served with every path that no route takes.</summary>
public static class PageFiles
{
    private const string NotBuilt = "The page was not built. deploy/run builds it; by hand: npm ci && npm run build in services/Web/Page, then build services/Web.\n";

    /// <summary>Where the page's files are.</summary>
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "wwwroot");

    /// <summary>Serves the page.</summary>
    public static void UsePage(this WebApplication app)
    {
        if (!File.Exists(Path.Combine(Folder, "index.html")))
        {
            app.MapFallback(context => context.Response.WriteAsync(NotBuilt));
            return;
        }
        var files = new StaticFileOptions { FileProvider = new PhysicalFileProvider(Folder), OnPrepareResponse = Prepare };
        app.UseStaticFiles(files);
        app.MapFallbackToFile("index.html", files);
    }

    private static void Prepare(StaticFileResponseContext file)
    {
        // Names in assets bear the hash of their content; the rest may be another after the next start.
        var headers = file.Context.Response.Headers;
        var forGood = file.Context.Request.Path.StartsWithSegments("/assets");
        headers.CacheControl = forGood ? "public, max-age=31536000, immutable" : "no-cache";
    }
}
