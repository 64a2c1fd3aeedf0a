namespace DocIngest.Worker.Hosting.Linux;

/// <summary>What tells the process numbers of this system from those of another.</summary>
internal static class LinuxMachine
{
    private const string MachineId = "/etc/machine-id";   // set once at installation
    private const string BootId = "/proc/sys/kernel/random/boot_id";   // the kernel's; the same in all its containers
    private const string Namespace = "/proc/self/ns/pid";
    private const string MachineNamespace = "pid:[4026531836]";   // PROC_PID_INIT_INO: that of the machine itself

    /// <summary>On the machine itself its id; in a container the running kernel and the container's own process numbers.</summary>
    public static IEnumerable<string> Ids()
    {
        string space = new FileInfo(Namespace).LinkTarget ?? "";
        return space == MachineNamespace && Read(MachineId) is { Length: > 0 } machine ? [machine] : [Read(BootId), space];
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";   // the next best id serves
        }
    }
}
