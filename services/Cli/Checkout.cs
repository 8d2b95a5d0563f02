namespace ComputeExchange.Cli;

/// <summary>The checkout that the program was built in.</summary>
public static class Checkout
{
    /// <summary>The nearest folder above the program that lists the packages of all projects; null where the program stands alone.</summary>
    public static string? Folder
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "Directory.Packages.props"))) return folder.FullName;
            }
            return null;
        }
    }
}
