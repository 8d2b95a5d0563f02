namespace ComputeExchange.Agent.Runners;

/// <summary>The end of a room's folder.</summary>
public static class RoomFolder
{
    /// <summary>Removes it with all that is in it. When this returns it is gone.</summary>
    /// <exception cref="RunnerException">It is not.</exception>
    public static void Remove(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new RunnerException($"{folder} cannot be removed: {refused.Message}", refused);
        }
        if (Directory.Exists(folder)) throw new RunnerException($"{folder} is still there after it was removed.");
    }
}
