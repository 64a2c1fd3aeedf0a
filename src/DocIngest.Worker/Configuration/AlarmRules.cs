using DocIngest.Worker.Alarms;
using DocIngest.Worker.Alarms.Ways;
using DocIngest.Worker.Backups;

namespace DocIngest.Worker.Configuration;

/// <summary>Rules on the section <c>alarms</c>. No message holds what stands in the place of a secret or an address: it may be one by mistake.</summary>
internal sealed class AlarmRules
{
    private const string Section = "alarms";

    private readonly AlarmOptions _options;
    private readonly string _dataFolder;
    private readonly List<ConfigFault> _faults = [];

    private AlarmRules(AlarmOptions options, string dataFolder)
    {
        _options = options;
        _dataFolder = dataFolder;
    }

    /// <summary>Every fault.</summary>
    /// <param name="options">Settings that could not be read have their defaults.</param>
    /// <param name="dataFolder">Absolute.</param>
    public static IReadOnlyList<ConfigFault> Check(AlarmOptions options, string dataFolder)
    {
        var rules = new AlarmRules(options, dataFolder);
        for (int index = 0; index < options.Routes.Count; index++)
        {
            rules.CheckRoute($"routes[{index}]", options.Routes[index]);
        }

        if (options.Mail is { } mail)
        {
            rules.CheckMail(mail);
        }

        for (int index = 0; index < options.Webhooks.Count; index++)
        {
            rules.CheckWebhook(index);
        }

        if (options.Ping is { } ping)
        {
            rules.CheckAddress("ping.url", ping.Url, needsTls: false);
            if (ping.FailUrl is { } fail)
            {
                rules.CheckAddress("ping.failUrl", fail, needsTls: false);
            }
        }

        return rules._faults;
    }

    private void CheckRoute(string path, AlarmRoute route)
    {
        if (route.To.Count == 0)
        {
            Fault($"{path}.to", "names nobody: give mail addresses, webhook:NAME or system");
        }

        for (int index = 0; index < route.To.Count; index++)
        {
            CheckRecipient($"{path}.to[{index}]", route.To[index]);
        }

        for (int index = 0; index < route.Kinds.Count; index++)
        {
            if (!AlarmAdvice.Kinds.Contains(route.Kinds[index]))
            {
                Fault($"{path}.kinds[{index}]", $"is no kind of alarm; there are {string.Join(", ", AlarmAdvice.Kinds.Order(StringComparer.Ordinal))}");
            }
        }
    }

    private void CheckRecipient(string path, string recipient)
    {
        switch (AlarmRecipient.Parse(recipient))
        {
            case AlarmRecipient.Mail when _options.Mail is null:
                Fault(path, "is a mail address, but there is no mail server: alarms.mail");
                break;
            case AlarmRecipient.Webhook { Name: var name } when _options.Webhooks.All(webhook => webhook.Name != name):
                Fault(path, "names a webhook that alarms.webhooks does not have");
                break;
            case null:
                Fault(path, "must be a mail address, webhook:NAME or system");
                break;
        }
    }

    private void CheckMail(AlarmMailOptions mail)
    {
        if (mail.Host.Length == 0)
        {
            Fault("mail.host", "is missing: the name of the mail server");
        }

        if (!MailWay.IsAddress(mail.From))
        {
            Fault("mail.from", "must be the sender's mail address");
        }

        if (mail.Security == MailSecurity.None && !Loopback.Is(mail.Host))
        {
            Fault("mail.security", "is \"none\", but the server is not this machine itself (localhost, 127.0.0.1, ::1): the password and what is wrong here would go in clear");
        }

        if (mail.User is null != mail.Password is null)
        {
            Fault(mail.User is null ? "mail.user" : "mail.password", "is missing: user and password go together");
        }

        CheckSecret("mail.password", mail.Password);
    }

    private void CheckWebhook(int index)
    {
        var webhook = _options.Webhooks[index];
        string path = $"webhooks[{index}]";
        if (webhook.Name.Length == 0)
        {
            Fault($"{path}.name", "is missing: what routes call it");
        }
        else if (_options.Webhooks.Take(index).Any(earlier => earlier.Name == webhook.Name))
        {
            Fault($"{path}.name", "is that of an earlier webhook");
        }

        CheckAddress($"{path}.url", webhook.Url, needsTls: true);
        CheckSecret($"{path}.hmac", webhook.Hmac);
        CheckSecret($"{path}.bearer", webhook.Bearer);
    }

    private void CheckAddress(string path, string address, bool needsTls)
    {
        if (PasswordReference.TryParse(address, _dataFolder, out _))
        {
            return;   // what is there is looked at when it is needed
        }

        if (WebAddress.FaultOf(address, needsTls) is { } fault)
        {
            Fault(path, fault);
        }
    }

    private void CheckSecret(string path, string? reference)
    {
        if (reference is not null && !PasswordReference.TryParse(reference, _dataFolder, out _))
        {
            Fault(path, $"must say where the secret is, never the secret itself: {PasswordReference.Forms}");
        }
    }

    private void Fault(string path, string message) => _faults.Add(new ConfigFault($"{Section}.{path}", message));
}
