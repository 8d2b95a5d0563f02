namespace ComputeExchange.Agent.Hardware.Nvidia;

/// <summary>What a function of NVML answers (<c>nvmlReturn_t</c>), as far as it matters here.</summary>
enum NvmlResult
{
    Success = 0,
    Uninitialized = 1,
    InvalidArgument = 2,
    NotSupported = 3,
    NoPermission = 4,
    NotFound = 6,
    InsufficientSize = 7,
    DriverNotLoaded = 9,
    Timeout = 10,
    FunctionNotFound = 13,
    GpuIsLost = 15,
    ResetRequired = 16,
    OperatingSystem = 17,
    LibRmVersionMismatch = 18,
    Unknown = 999,
}
