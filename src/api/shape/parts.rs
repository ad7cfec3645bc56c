//! Parts of schemas, for whoever looks into a value along with its schema.

use serde_json::Value;

use crate::api::shape::{Shapes, alternatives};

impl<'a> Shapes<'a> {
    /// The schema that a value was most likely meant for, where there are alternatives.
    pub(crate) fn settled(self, schema: &'a Value, value: &Value) -> &'a Value {
        let schema = self.resolve(schema);
        let plain = schema.get("properties").is_none() && schema.get("allOf").is_none();
        let variants = alternatives(schema).filter(|_| plain).map(|variants| self.flat(variants));
        match variants.and_then(|variants| self.likeliest(&variants, value)) {
            Some(variant) => self.resolve(variant),
            None => schema,
        }
    }

    /// The alternatives of a schema; none where there is no choice.
    pub(crate) fn variants(self, schema: &'a Value) -> Vec<&'a Value> {
        alternatives(schema).map(|variants| self.flat(variants)).unwrap_or_default()
    }

    /// The schema of a field of an object, and whether it must be there; none if it is not known.
    pub(crate) fn field(
        self,
        schema: &'a Value,
        value: &Value,
        name: &str,
    ) -> Option<(&'a Value, bool)> {
        let fields = self.fields(schema, value);
        let (known, schema) = fields.known.iter().find(|(known, _)| *known == name)?;
        Some((schema, fields.required.contains(known)))
    }

    /// The fields that an object must have, with their schemas.
    pub(crate) fn required(self, schema: &'a Value) -> Vec<(&'a str, &'a Value)> {
        let fields = self.fields(schema, &Value::Null);
        let is_required = |(name, _): &(&str, &Value)| fields.required.contains(name);
        fields.known.iter().copied().filter(is_required).collect()
    }
}
