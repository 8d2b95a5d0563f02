namespace ComputeExchange.Agent.Hardware;

/// <summary>Finds the hardware of this host.</summary>
public static class HostHardware
{
    /// <summary>By the inventory file if there is one, otherwise by NVIDIA's driver.</summary>
    /// <exception cref="HardwareMissingException">There is neither; the message says what is missing.</exception>
    public static IHardware Open(HardwareSettings settings) =>
        settings.InventoryFile is { } file ? InventoryHardware.Open(file, settings) : NvmlHardware.Open(settings);
}
