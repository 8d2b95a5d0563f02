using System.Runtime.InteropServices;

namespace ComputeExchange.Agent.Hardware.Nvidia;

/// <summary>A shared library of NVIDIA's driver, and the functions of it that are there.</summary>
sealed class DriverLibrary : IDisposable
{
    private readonly nint _library;
    private readonly Dictionary<string, nint> _functions = [];

    private DriverLibrary(nint library) => _library = library;

    /// <summary>Loads it by name or path; null if it is not on this host.</summary>
    public static DriverLibrary? Load(string path) => NativeLibrary.TryLoad(path, out var library) ? new DriverLibrary(library) : null;

    /// <summary>Where a function is; zero if this version of the library does not have it.</summary>
    public nint Find(string function)
    {
        if (!_functions.TryGetValue(function, out var address))
        {
            if (!NativeLibrary.TryGetExport(_library, function, out address)) address = 0;
            _functions[function] = address;
        }
        return address;
    }

    public void Dispose() => NativeLibrary.Free(_library);
}
